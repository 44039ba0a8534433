import type { Unsubscribe } from './unsubscribe.js';

/** What one node asks of another. */
export interface NodeRequest {
  /** Which of the callee's handlers answers: `rpc`, `tasks`, `locks`, `rows` … */
  readonly channel: string;
  /** Extended JSON can carry it. */
  readonly body: unknown;
  /** How long the callee may take; not given: as long as it lives and the signal does not fire. */
  readonly timeoutMs?: number;
  /** What it is done because of. */
  readonly cause?: string;
}

/** Who asks. */
export interface NodeCaller {
  readonly node: string;
  /** Fires when the caller gave up, or is gone. */
  readonly signal: AbortSignal;
  readonly cause: string | null;
}

/** An async iterable that it returns is passed on item by item, no faster than the caller takes them. */
export type NodeHandler = (body: unknown, caller: NodeCaller) => unknown;

/** Requests of nodes to each other. */
export abstract class NodeCalls {
  /**
   * The answer of another node: a value, or an async iterable of what comes.
   *
   * @throws (rejects with) RpcException what the callee's handler threw, code, message and extra;
   *   ECONNABORTED when the callee is gone before it answered; ETIMEDOUT; EBUSY when too many are in
   *   flight; the signal's reason when it fires, of which the callee is told
   */
  abstract call(node: string, request: NodeRequest, signal: AbortSignal): Promise<unknown>;
  /** Answers requests of a channel from now on. */
  abstract serve(channel: string, handler: NodeHandler): Unsubscribe;
}
