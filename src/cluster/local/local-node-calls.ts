import { Errno, RpcException } from '../../common/index.js';
import { NodeCalls, type NodeHandler, type NodeRequest } from '../node-calls.js';

/** Calls of the only node to itself. */
export class LocalNodeCalls extends NodeCalls {
  readonly #handlers = new Map<string, NodeHandler>();

  constructor(private readonly node: string) {
    super();
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a rejection, never a throw
  async call(node: string, request: NodeRequest, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    if (node !== this.node) throw new RpcException(Errno.ENOENT, `There is no node ${node}`);
    const handler = this.#handlers.get(request.channel);
    if (handler === undefined)
      throw new RpcException(Errno.ENOENT, `Node ${node} answers no ${request.channel}`);
    return handler(request.body, { node, signal, cause: request.cause ?? null });
  }

  serve(channel: string, handler: NodeHandler): () => void {
    this.#handlers.set(channel, handler);
    return () => void this.#handlers.delete(channel);
  }
}
