import { createServer, type Server } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';

/**
 * A listener inside the process: connections that no other process can open, and so as good as those on the
 * unix socket. They are connections like all others, with their limits and their frames.
 */
export class MemoryListener {
  /** Never listens; it only knows what HTTP is. */
  readonly #server: Server = createServer();
  readonly #open = new Set<Duplex>();

  /** @param attach - gives the server its handlers */
  constructor(attach: (server: Server) => void) {
    attach(this.#server);
  }

  /** The client's end of a new connection. */
  connect(): Duplex {
    const [client, server] = duplexPair();
    // an end that is gone is no error to the other: it reads the end of what was said
    for (const [end, other] of [
      [client, server],
      [server, client],
    ] as const) {
      end.on('error', () => undefined);
      end.once('close', () => other.destroy());
    }
    this.#open.add(server);
    server.once('close', () => this.#open.delete(server));
    this.#server.emit('connection', server);
    return client;
  }

  /** Cuts off what is still open. */
  close(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
