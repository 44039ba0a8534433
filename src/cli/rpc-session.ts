import { WebSocket } from 'ws';
import { type Errno, RpcException } from '../common/index.js';
import { UnreachableError } from './exit-status.js';

interface Reply {
  readonly name: string;
  readonly id: unknown;
  readonly args: unknown;
}

/** Takes the items of a stream as they come. */
export type OnItem = (item: unknown) => void;

interface Waiting {
  readonly onItem: OnItem | null;
  readonly resolve: (args: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What a stream ends with. */
export const STREAMED = Symbol('every item was handed over');

/** A logged-in connection for one command: calls, answers, and nothing that reconnects. */
export class RpcSession {
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => this.#receive(JSON.parse(data.toString()) as Reply));
    socket.on('close', () =>
      this.#failAll(new UnreachableError('The server closed the connection')),
    );
  }

  /** @throws Error naming the address when nobody answers there */
  static open(url: string): Promise<RpcSession> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      socket.once('open', () => resolve(new RpcSession(socket)));
      socket.once('error', (error) =>
        reject(new UnreachableError(`Cannot connect to ${url}: ${error.message}`)),
      );
    });
  }

  login(username: string, password: string): Promise<unknown> {
    return this.#request('auth', { username, password });
  }

  /** @throws RpcException what the server answered */
  call(method: string, args: unknown): Promise<unknown> {
    return this.#request('call', { method, args });
  }

  /**
   * The same, for a method that may go on for as long as it likes: resolves with {@link STREAMED} when
   * its items, which `onItem` was given as they came, have ended.
   *
   * @throws RpcException what the server answered
   */
  async stream(method: string, args: unknown, onItem: OnItem): Promise<unknown> {
    await this.call('management.enable_features', [['streaming_responses']]);
    return this.#request('call', { method, args }, onItem);
  }

  close(): void {
    this.socket.close();
  }

  #request(name: string, args: unknown, onItem: OnItem | null = null): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#send(name, id, args);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject, onItem }));
  }

  #receive({ name, id, args }: Reply): void {
    const waiting = this.#waiting.get(Number(id));
    if (waiting === undefined) return;
    if (name === 'fragment') {
      const { seqno, fragment } = args as { seqno: number; fragment: readonly unknown[] };
      for (const item of fragment) waiting.onItem?.(item);
      this.#send('continue', id, seqno + 1);
      return;
    }
    this.#waiting.delete(Number(id));
    if (name === 'end') {
      waiting.resolve(STREAMED);
      return;
    }
    if (name === 'response') {
      waiting.resolve(args);
      return;
    }
    const { code, message, extra } = args as { code: Errno; message: string; extra?: unknown };
    waiting.reject(new RpcException(code, message, extra));
  }

  #send(name: string, id: unknown, args: unknown): void {
    this.socket.send(JSON.stringify({ namespace: 'rpc', name, id, args }));
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
