import type { Started } from '../rows/started.js';
import { RawSocket } from './raw-socket.js';
import { clientFrame } from './wire.js';

interface Waiting {
  resolve(args: unknown): void;
  reject(error: Error): void;
}

/** Calls of any kind over one connection, whose frames of one turn leave in one write. */
export class RpcCaller {
  readonly #waiting = new Map<number, Waiting>();
  #frames: Buffer[] = [];
  #lastId = 0;

  private constructor(private readonly socket: RawSocket) {
    socket.listen({
      onMessage: (buffer, start, end) => this.#onMessage(buffer.toString('utf8', start, end)),
      onReadEnd: () => undefined,
      onFailure: (error) => {
        for (const { reject } of this.#waiting.values()) reject(error);
      },
    });
  }

  static async open({ server, subject }: Started): Promise<RpcCaller> {
    const socket = await RawSocket.open(server.address);
    await subject.dialect.login(socket);
    return new RpcCaller(socket);
  }

  /** @throws (rejects with) Error with what the server answers instead of a result */
  call<T>(method: string, ...args: unknown[]): Promise<T> {
    this.#lastId += 1;
    const id = this.#lastId;
    const frame = { namespace: 'rpc', name: 'call', id, args: { method, args } };
    if (this.#frames.length === 0) setImmediate(() => this.#flush());
    this.#frames.push(clientFrame(Buffer.from(JSON.stringify(frame))));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve, reject });
    });
  }

  close(): Promise<void> {
    return this.socket.close();
  }

  #flush(): void {
    this.socket.write(Buffer.concat(this.#frames));
    this.#frames = [];
  }

  #onMessage(text: string): void {
    const { name, id, args } = JSON.parse(text) as { name: string; id: number; args: unknown };
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (name === 'response') waiting?.resolve(args);
    else waiting?.reject(new Error(`The server answered ${text.slice(0, 300)}`));
  }
}
