import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and a server, and cuts the line when the test says so. */
export class FlakyProxy {
  readonly #lines = new Set<Socket>();
  /** What the server may still say before the line is cut. */
  #bytesLeft = Infinity;
  #cuts = 0;

  private constructor(
    private readonly server: Server,
    private readonly scheme: string,
  ) {}

  static async before(url: string): Promise<FlakyProxy> {
    const { hostname, port, pathname } = new URL(url);
    const server = createServer((socket) => proxy.#join(socket, connect(Number(port), hostname)));
    const proxy = new FlakyProxy(server, pathname);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}${this.scheme}`;
  }

  get cuts(): number {
    return this.#cuts;
  }

  /** Cuts the line in the middle of whatever the server says next. */
  cutAfter(bytes: number): void {
    this.#bytesLeft = bytes;
    if (bytes === 0) this.#cut();
  }

  async close(): Promise<void> {
    this.#cut();
    this.server.close();
    await once(this.server, 'close');
  }

  #join(near: Socket, far: Socket): void {
    this.#lines.add(near);
    const end = (): void => {
      this.#lines.delete(near);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
    near.on('data', (data) => far.write(data));
    far.on('data', (data) => {
      near.write(data.subarray(0, this.#bytesLeft));
      this.#bytesLeft -= data.length;
      if (this.#bytesLeft <= 0) this.#cut();
    });
  }

  #cut(): void {
    this.#bytesLeft = Infinity;
    if (this.#lines.size > 0) this.#cuts += 1;
    // what was said until now arrives, then nothing more
    for (const line of this.#lines) line.destroySoon();
  }
}
