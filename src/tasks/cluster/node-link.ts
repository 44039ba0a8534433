import type { NodeCalls } from '../../cluster/index.js';
import { currentCause } from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import { type NodeAnswer, type NodeAsk, RUNS_CHANNEL } from './node-messages.js';
import type { AwaitNode, NodePresence } from './node-presence.js';
import type { NodeRuns } from './node-runs.js';
import { thrownThere } from './thrown-there.js';

/** How soon a node is asked again that is there and does not answer. */
const AGAIN_MS = 250;

/** Nothing more comes of what a leader asked that leads no more. */
export class TermOverError extends Error {
  constructor() {
    super('A later leader has asked');
  }
}

/** A node has been away for too long. */
export const AWAY = Symbol('away');

/** The node could not be reached; whether it has heard the question is not known. */
class NodeAwayError extends Error {}

export interface NodeLinkDependencies {
  readonly self: string;
  readonly term: number;
  readonly calls: NodeCalls;
  readonly runs: Pick<NodeRuns, 'serve'>;
  readonly presence: NodePresence;
  readonly clock: Clock;
  readonly nodeLostMs: number;
}

/** The way of one term's leader to the nodes, this one included. */
export class NodeLink {
  constructor(private readonly dependencies: NodeLinkDependencies) {}

  /** @throws (rejects with) Error when it does not answer; what it refuses with; TermOverError; the signal's reason */
  async ask(
    node: string,
    ask: NodeAsk,
    { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs?: number },
  ): Promise<unknown> {
    const answer = await this.#send(node, ask, { signal, timeoutMs });
    if ('isOver' in answer) throw new TermOverError();
    if ('error' in answer) throw thrownThere(answer.error);
    return answer.value;
  }

  /**
   * Asks until the node answers, also one that is away for a while; {@link AWAY} when that is too long.
   *
   * @throws (rejects with) as {@link ask}, but for a node that does not answer
   */
  async insist(node: string, ask: NodeAsk, how: AwaitNode): Promise<unknown> {
    const { clock, presence, nodeLostMs } = this.dependencies;
    const sinceMs = clock.nowMs();
    for (;;) {
      if (!(await presence.whenThere(node, how))) return AWAY;
      try {
        return await this.ask(node, ask, how);
      } catch (error) {
        if (!(error instanceof NodeAwayError)) throw error;
        if (presence.isThere(node) && clock.nowMs() - sinceMs > nodeLostMs) return AWAY;
      }
      await new Promise<void>((resolve) => void clock.after(AGAIN_MS, resolve));
    }
  }

  async #send(
    node: string,
    ask: NodeAsk,
    { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number | undefined },
  ): Promise<NodeAnswer> {
    const { self, term, calls, runs } = this.dependencies;
    const body = { term, ask };
    if (node === self) return runs.serve(body, { signal });
    const cause = currentCause();
    const more = {
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(cause !== null && { cause }),
    };
    try {
      const answer = await calls.call(node, { channel: RUNS_CHANNEL, body, ...more }, signal);
      return answer as NodeAnswer;
    } catch (error) {
      signal.throwIfAborted();
      throw new NodeAwayError(`Node ${node} does not answer`, { cause: error });
    }
  }
}
