import { PlainClient, type WireErrorArgs } from '../../support/plain-client.js';

/** Whatever a node does, nobody waits longer for it. */
const PATIENCE_MS = 60_000;

/** An answer with an error, as it came. */
export class Refused extends Error {
  constructor(readonly error: WireErrorArgs) {
    super(error.message);
  }
}

/** Rejects when the time is over: a node that neither answers nor closes is found out by it. */
export async function within<T>(what: string, promise: Promise<T>, ms = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${ms} ms`)), ms);
  });
  promise.catch(() => undefined);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A connection to a node, for as long as that is there. */
export class NodeSession {
  private constructor(
    readonly node: string,
    readonly client: PlainClient,
  ) {}

  /** @throws (rejects with) Error when the node is not there or lets nobody in */
  static async open(node: string, url: string): Promise<NodeSession> {
    const client = await within(`connecting to ${node}`, PlainClient.loggedIn(url), 10_000);
    return new NodeSession(node, client);
  }

  async call<T>(method: string, ...args: readonly unknown[]): Promise<T> {
    const reply = await within(`${method} at ${this.node}`, this.client.call(method, ...args));
    if (reply.name === 'error') throw new Refused(reply.args as WireErrorArgs);
    return reply.args as T;
  }

  close(): void {
    this.client.socket.terminate();
  }
}
