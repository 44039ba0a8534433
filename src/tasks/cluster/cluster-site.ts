import type { Leadership, NodeRecord } from '../../cluster/index.js';
import { coded } from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import type { Verdict } from '../engine/verifier.js';
import type { OpenSessionOptions, TaskAssignment } from '../executors/executor.js';
import type { StoredTask } from '../row/task-row.js';
import type {
  ExecutorSite,
  OngoingRun,
  Placing,
  SessionHooks,
  SiteSession,
  VerifyRequest,
} from '../site/executor-site.js';
import type { TaskHandler } from '../task-handler.js';
import type { LeaderResources } from './leader-resources.js';
import { AWAY, type NodeLink } from './node-link.js';
import type { NodeAsk, RunReport, TaskIdentity, VerifyAnswer } from './node-messages.js';
import type { NodePresence } from './node-presence.js';
import type { Packer } from './packed.js';
import { placeOf, type PlacementDependencies } from './placement.js';
import { RemoteSession, type SessionTools } from './remote-session.js';

/** How soon it is looked again whether this node leads beyond doubt. */
const LOOK_MS = 50;

export interface ClusterSiteDependencies {
  readonly self: string;
  readonly placement: PlacementDependencies;
  readonly link: NodeLink;
  readonly presence: NodePresence;
  readonly packer: Packer;
  readonly leadership: Pick<Leadership, 'isCurrent'>;
  readonly resources: LeaderResources;
  readonly clock: Clock;
  /** Fires when this node leads no more. */
  readonly over: AbortSignal;
  /** Why no executor of this node can be started for tasks of a class; null: no reason. */
  readonly obstacleHere: (handler: TaskHandler) => string | null;
  /** What the nodes that answered had when this node began to lead. */
  readonly reports: ReadonlyMap<number, RunReport>;
}

/** Tasks of a leader run at whichever node they belong to. */
export class ClusterSite implements ExecutorSite {
  readonly #tools: SessionTools;
  #runs = 0;

  constructor(private readonly dependencies: ClusterSiteDependencies) {
    const { packer, over } = dependencies;
    this.#tools = {
      ...{ packer, over },
      insist: (node, ask) => this.#insist(node, ask),
      mayBegin: () => this.#mayBegin(),
    };
  }

  place(placing: Placing): string {
    return placeOf(placing, this.dependencies.placement);
  }

  async verify({ node, handler, args, context }: VerifyRequest): Promise<Verdict> {
    const { name } = handler;
    const { id: task, user, cause, environment } = context;
    const of = { ...{ task, name, user, cause }, given: this.#pack(args, environment) };
    const answer = await this.#askAble(
      node,
      { ask: 'verify', of },
      { name, signal: context.signal },
    );
    return answer as VerifyAnswer;
  }

  async open(
    node: string | null,
    { handler, args, context, isSubtask }: TaskAssignment,
    { signal }: OpenSessionOptions,
  ): Promise<SiteSession> {
    const { name } = handler;
    const { id: task, user, cause, environment } = context;
    this.#runs += 1;
    const identity: TaskIdentity = {
      ...{ task, name, user, cause },
      given: this.#pack(args, environment),
    };
    const of = { ...identity, run: this.#runs, isSubtask };
    const at = node ?? this.dependencies.self;
    try {
      const answer = await this.#askAble(at, { ask: 'open', of }, { name, signal });
      const { hooks } = answer as { readonly hooks: SessionHooks };
      return new RemoteSession({ node: at, task, hooks, begun: 0 }, this.#tools);
    } catch (error) {
      this.forget(at, task); // it may be about to be opened
      throw error;
    }
  }

  obstacle(node: string | null, handler: TaskHandler): string | null {
    const { self, obstacleHere, presence } = this.dependencies;
    if (node === null || node === self) return obstacleHere(handler);
    return presence.isThere(node) ? null : `node ${node} is away`;
  }

  ongoing({ id: task, node, resources }: StoredTask): OngoingRun | null {
    if (node === undefined) return null;
    this.dependencies.resources.hold(node, resources);
    const report = this.dependencies.reports.get(task);
    const { attempt = 0, elapsedMs = 0, output = '' } = report ?? {};
    const parts = { node, task, hooks: report?.hooks ?? null, begun: report?.attempt ?? null };
    const session = new RemoteSession(parts, this.#tools);
    // one that nobody knows of may have begun, and what runs before it must not run twice
    return { session, attempt: report === undefined ? 1 : attempt, elapsedMs, output };
  }

  ended({ id, node }: StoredTask): void {
    this.forget(node ?? this.dependencies.self, id);
  }

  /** A node has a run that nobody asks for any more. */
  forget(node: string, task: number): void {
    if (this.dependencies.over.aborted) return;
    this.#insist(node, { ask: 'forget', task }).catch(() => undefined);
  }

  #insist(node: string, ask: NodeAsk): Promise<unknown> {
    const { link, over: signal } = this.dependencies;
    return link.insist(node, ask, { signal, endsWhenLeft: true });
  }

  /** Asks a node that has a class, as soon as it is there. @throws (rejects with) RpcException ENOENT */
  async #askAble(
    node: string | null,
    ask: NodeAsk,
    { name, signal }: { readonly name: string; readonly signal: AbortSignal },
  ): Promise<unknown> {
    const { self, link, over, placement } = this.dependencies;
    const at = node ?? self;
    const isReady = ({ state, tasks }: NodeRecord): boolean =>
      (at === self && placement.hasHere(name)) || (state === 'live' && Object.hasOwn(tasks, name));
    const either = AbortSignal.any([signal, over]);
    const answer = await link.insist(at, ask, { signal: either, endsWhenLeft: false, isReady });
    if (answer === AWAY) throw coded('TASK_NO_NODE', { node: at });
    return answer;
  }

  /** The row says that it runs. No node begins it before it is known that no other leader has begun since. */
  async #mayBegin(): Promise<void> {
    const { leadership, clock, over } = this.dependencies;
    while (!leadership.isCurrent() && !over.aborted) {
      await new Promise<void>((resolve) => void clock.after(LOOK_MS, resolve));
    }
  }

  #pack(
    args: readonly unknown[],
    environment: Readonly<Record<string, unknown>>,
  ): TaskIdentity['given'] {
    return this.dependencies.packer.pack([args, environment]);
  }
}
