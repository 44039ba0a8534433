import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';

export interface WireFrame {
  readonly namespace: string;
  readonly name: string;
  readonly id: string | number | null;
  readonly args: unknown;
}

export interface WireErrorArgs {
  readonly code: number;
  readonly name: string;
  readonly message: string;
  readonly extra?: unknown;
}

/** A bare WebSocket that speaks raw frames: what any client of any language would see. */
export class PlainClient {
  readonly received: WireFrame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #watchers: (() => void)[] = [];
  #nextId = 0;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      this.received.push(JSON.parse(data.toString()) as WireFrame);
      this.#wake();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#wake();
      });
    });
  }

  static async connect(url: string, options: ClientOptions = {}): Promise<PlainClient> {
    const socket = new WebSocket(url, options);
    const client = new PlainClient(socket);
    await once(socket, 'open');
    return client;
  }

  static async loggedIn(url: string): Promise<PlainClient> {
    const client = await PlainClient.connect(url);
    const reply = await client.request('rpc', 'auth', { username: 'root', password: '' });
    if (reply.name !== 'response') throw new Error(`Login failed: ${JSON.stringify(reply)}`);
    return client;
  }

  sendRaw(data: string | Buffer): void {
    this.socket.send(data);
  }

  send(namespace: string, name: string, id: unknown, args?: unknown): void {
    this.sendRaw(JSON.stringify({ namespace, name, id, args }));
  }

  /** Sends a frame under a fresh id and returns the first frame that answers it. */
  request(namespace: string, name: string, args: unknown): Promise<WireFrame> {
    this.#nextId += 1;
    const id = `request-${this.#nextId}`;
    this.send(namespace, name, id, args);
    return this.find((frame) => frame.id === id);
  }

  call(method: string, ...args: unknown[]): Promise<WireFrame> {
    return this.request('rpc', 'call', { method, args });
  }

  /** The result of a call; throws when it is an error. */
  async result<T = unknown>(method: string, ...args: unknown[]): Promise<T> {
    const reply = await this.call(method, ...args);
    if (reply.name !== 'response') throw new Error(JSON.stringify(reply));
    return reply.args as T;
  }

  async find(matches: (frame: WireFrame) => boolean): Promise<WireFrame> {
    for (;;) {
      const found = this.received.find(matches);
      if (found) return found;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('The connection was closed');
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** Everything that was received up to the answer of a frame sent now: for "nothing else came". */
  async settled(): Promise<readonly WireFrame[]> {
    await this.call('management.ping');
    return this.received;
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  #wake(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }
}
