import type { NodeCalls, NodeDirectory } from '../../cluster/index.js';
import { coded } from '../../common/index.js';
import type { TaskHandler } from '../task-handler.js';
import type { TaskHandlers } from '../task-handler-table.js';
import type { ClassDescription, NodeAnswer, NodeAsk } from './node-messages.js';
import { RUNS_CHANNEL } from './node-messages.js';
import type { Packed, Packer } from './packed.js';
import { thrownThere } from './thrown-there.js';

export interface ClusterHandlersDependencies {
  /** The classes of this node. */
  readonly own: TaskHandlers;
  readonly directory: NodeDirectory;
  readonly calls: NodeCalls;
  readonly packer: Packer;
}

interface Known {
  readonly hash: string;
  readonly handler: TaskHandler;
}

/** How long a node may take to describe a class, or to check arguments. */
const ANSWER_MS = 10_000;
const NEVER = new AbortController().signal;

/** The task classes of this node, and those that only others have, as they describe them. */
export class ClusterHandlers implements TaskHandlers {
  readonly #elsewhere = new Map<string, Known>();

  constructor(private readonly dependencies: ClusterHandlersDependencies) {}

  get(name: string): TaskHandler | undefined {
    const own = this.dependencies.own.get(name);
    if (own !== undefined) return own;
    const known = this.#elsewhere.get(name);
    return known !== undefined && known.hash === this.#ownerOf(name)?.hash
      ? known.handler
      : undefined;
  }

  async find(name: string): Promise<TaskHandler | undefined> {
    return this.get(name) ?? (await this.dependencies.own.find(name)) ?? this.#fetch(name);
  }

  async require(name: string): Promise<TaskHandler> {
    const handler = await this.find(name);
    if (handler === undefined) throw coded('TASK_UNKNOWN', { task: name });
    return handler;
  }

  async #fetch(name: string): Promise<TaskHandler | undefined> {
    const owner = this.#ownerOf(name);
    if (owner === undefined) return undefined;
    const described = await this.#ask(owner.node, { ask: 'describe', name });
    if (described === null) return undefined;
    const handler = this.#handlerOf(described as ClassDescription);
    this.#elsewhere.set(name, { hash: owner.hash, handler });
    return handler;
  }

  #ownerOf(name: string): { readonly node: string; readonly hash: string } | undefined {
    const { directory } = this.dependencies;
    for (const { name: node, state, tasks } of directory.list()) {
      if (node === directory.self.name) continue;
      const hash = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
      if (state === 'live' && hash !== undefined) return { node, hash };
    }
    return undefined;
  }

  #handlerOf(described: ClassDescription): TaskHandler {
    const { name } = described;
    const { packer } = this.dependencies;
    return {
      ...described,
      argumentsValidator: null,
      resultValidator: null, // checked where it runs
      check: async (args, isStrict) => {
        const owner = this.#ownerOf(name);
        if (owner === undefined) throw coded('TASK_UNKNOWN', { task: name });
        const ask = { ask: 'check', name, args: packer.pack(args), isStrict } as const;
        return packer.unpack((await this.#ask(owner.node, ask)) as Packed) as readonly unknown[];
      },
      origin: {
        ...{ plugin: described.owner, entry: '', generation: 0, options: {} },
        sources: () => new Map(),
        keep: () => () => undefined,
      },
      acquire: () => notHere(name),
      create: () => notHere(name),
    };
  }

  async #ask(node: string, ask: NodeAsk): Promise<unknown> {
    const request = { channel: RUNS_CHANNEL, body: { term: null, ask }, timeoutMs: ANSWER_MS };
    const answer = (await this.dependencies.calls.call(node, request, NEVER)) as NodeAnswer;
    if ('error' in answer) throw thrownThere(answer.error);
    return 'value' in answer ? answer.value : null;
  }
}

function notHere(name: string): never {
  throw coded('TASK_GONE', { task: name });
}
