import {
  accepts,
  type Claims,
  description,
  h,
  private as forPlugins,
  Provider,
  provider,
  returns,
} from 'dispatcher';
import { pathResource } from './resources/resource-plan.js';
import { realPathOf } from './resources/real-path.js';
import { StorageResources } from './resources/storage-resources.js';

const MODES = ['shared', 'exclusive'] as const;
const PATH = h.string({ pattern: '^/[^\\u0000]*$', maxLength: 4096 });
const ENDED: ReadonlySet<unknown> = new Set(['FINISHED', 'FAILED', 'ABORTED']);

/** The number of a task that is not submitted, `task.plan`: it never ends, and so uses nothing. */
const PLANNED = 0;

interface PathClaim {
  readonly path: string;
  readonly mode: (typeof MODES)[number];
}

@description('Lets tasks claim paths')
@provider('storage.path')
export class StoragePathProvider extends Provider {
  constructor(private readonly resources: StorageResources) {
    super();
  }

  @description(
    'Makes resources for paths that a task is about to claim and returns the claims. They stand on the file systems that carry the paths and go when the task has ended. For the verify of a task; 0 stands for one that is only planned, whose claims are told and nothing is made for them',
  )
  @accepts(h.integer({ minimum: 0 }), h.array(h.object({ path: PATH, mode: h.enumOf(MODES) })))
  @returns(h.array(h.object({ resource: String, mode: h.enumOf(MODES) })))
  @forPlugins()
  async reserve(task: number, claims: readonly PathClaim[]) {
    const mounted = await this.resources.mounted();
    const found = await Promise.all(
      claims.map(async ({ path, mode }) => ({
        path: mounted.placeOf(await realPathOf(path)).path,
        mode,
      })),
    );
    if (task !== PLANNED) await this.#keep(task, found);
    return found.map(({ path, mode }) => ({ resource: pathResource(path), mode }));
  }

  async #keep(task: number, claims: readonly PathClaim[]): Promise<void> {
    for (const { path } of claims) this.resources.uses.add(task, path);
    // one that was aborted meanwhile says so by no further event
    if (await this.#hasEnded(task)) this.resources.uses.release(task);
    await this.resources.refresh();
  }

  async #hasEnded(task: number): Promise<boolean> {
    const states = await this.dispatcher.callSync<unknown[]>('task.query', [['id', '=', task]], {
      select: 'state',
    });
    return ENDED.has(states[0]); // its row may not be on the disk yet: then it has not ended
  }

  /** Of the tasks of an earlier start, or of an earlier generation of this plugin. */
  async restore(): Promise<void> {
    const tasks = await this.dispatcher.callSync<[id: number, resources: Claims][]>(
      'task.query',
      [['state', 'nin', [...ENDED]]],
      { select: ['id', 'resources'] },
    );
    const prefix = pathResource('');
    for (const [id, resources] of tasks) {
      for (const claim of resources) {
        const name = typeof claim === 'string' ? claim : claim.resource;
        if (name.startsWith(prefix)) this.resources.uses.add(id, name.slice(prefix.length));
      }
    }
  }

  /** For events of tasks. */
  async ended({ id, state }: Readonly<Record<string, unknown>>): Promise<void> {
    if (!ENDED.has(state) || typeof id !== 'number') return;
    if (this.resources.uses.release(id)) await this.resources.refresh();
  }
}
