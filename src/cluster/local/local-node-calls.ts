import { abortable, coded } from '../../common/index.js';
import { NodeCalls, type NodeHandler, type NodeRequest } from '../node-calls.js';

const MS_PER_SECOND = 1_000;

/** Calls of a node to itself. */
export class LocalNodeCalls extends NodeCalls {
  readonly #handlers = new Map<string, NodeHandler>();

  constructor(private readonly node: string) {
    super();
  }

  async call(node: string, request: NodeRequest, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    if (node !== this.node) throw coded('NODE_UNKNOWN', { node });
    const { channel, body, timeoutMs, cause = null } = request;
    const handler = this.#handlers.get(channel);
    if (handler === undefined) throw coded('NODE_CHANNEL_UNKNOWN', { node, channel });
    if (timeoutMs === undefined) return answerOf(handler, body, { node, signal, cause });
    const late = new AbortController();
    const seconds = timeoutMs / MS_PER_SECOND;
    const timer = setTimeout(() => late.abort(coded('NODE_TIMEOUT', { node, seconds })), timeoutMs);
    const either = AbortSignal.any([signal, late.signal]);
    try {
      return await answerOf(handler, body, { node, signal: either, cause });
    } finally {
      clearTimeout(timer);
    }
  }

  serve(channel: string, handler: NodeHandler): () => void {
    this.#handlers.set(channel, handler);
    return () => void this.#handlers.delete(channel);
  }
}

/** As it would be with a node that is far away: who does not wait any more gets no answer. */
async function answerOf(
  handler: NodeHandler,
  body: unknown,
  caller: Parameters<NodeHandler>[1],
): Promise<unknown> {
  const answer = await abortable(Promise.resolve(handler(body, caller)), caller.signal);
  caller.signal.throwIfAborted(); // that it gave up may be why there is an answer
  return answer;
}
