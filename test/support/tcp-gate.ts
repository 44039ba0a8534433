import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way from one process to another that can be shut for a while: what is on it then gets nowhere. */
export class TcpGate {
  readonly #lines = new Set<Socket>();
  #isOpen = true;

  private constructor(private readonly server: Server) {}

  /** @param port - on loopback, of whoever is behind it */
  static async before(port: number): Promise<TcpGate> {
    const server = createServer((near) => gate.#join(near, port));
    const gate = new TcpGate(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return gate;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Those who are connected are cut off, and nobody gets through until it is open again. */
  shut(): void {
    this.#isOpen = false;
    for (const line of this.#lines) line.destroy();
  }

  open(): void {
    this.#isOpen = true;
  }

  async close(): Promise<void> {
    this.shut();
    this.server.close();
    await once(this.server, 'close');
  }

  #join(near: Socket, port: number): void {
    if (!this.#isOpen) {
      near.destroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
    const lines = [near, far];
    const end = (): void => {
      for (const line of lines) {
        this.#lines.delete(line);
        line.destroy();
      }
    };
    for (const line of lines) {
      this.#lines.add(line);
      line.on('error', end).on('close', end);
    }
    near.pipe(far);
    far.pipe(near);
  }
}
