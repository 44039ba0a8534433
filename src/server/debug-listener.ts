import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../common/index.js';
import type { HealthReport } from '../debug/index.js';

/** Tools and browsers of a few people; strangers must not have all descriptors of the process. */
const MAX_CONNECTIONS = 128;
const HEADERS_TIMEOUT_MS = 10_000;
/** How often Node looks for sockets that are past that time. */
const CHECK_INTERVAL_MS = 2_000;
/** What there is to say of a server that does not serve. */
type Early = Pick<HealthReport, 'status' | 'reasons'>;
const STARTING: Early = { status: 'starting', reasons: ['the server is starting'] };

/**
 * The address of the debug-mode server. It listens before the server has opened its store, and then
 * says of it what there is to say: that it lives and is not ready.
 */
export class DebugListener {
  #handler: RequestListener = answerEarly(STARTING);

  private constructor(readonly server: Server) {
    server.on('request', (request, response) => this.#handler(request, response));
    server.on('error', () => undefined); // the loss of one client, not of the server
  }

  /** @throws Error with one line saying which address could not be had, and why */
  static async listen(port: number, address: string): Promise<DebugListener> {
    const server = createServer({
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
    });
    server.maxConnections = MAX_CONNECTIONS;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, address, () => {
          server.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const reason = code === 'EADDRINUSE' ? 'it is in use' : messageOf(error);
      throw new Error(`Cannot listen on ${address}, port ${port} (debug mode): ${reason}`, {
        cause: error,
      });
    }
    return new DebugListener(server);
  }

  get url(): string {
    const { address, port, family } = this.server.address() as AddressInfo;
    const isAny = address === '::' || address === '0.0.0.0';
    const host = isAny ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address;
    return `http://${host}:${port}`;
  }

  /** From now on the server waits for its store; `null` ends that, and it starts. */
  standBy(reason: string | null): void {
    this.#handler = answerEarly(
      reason === null ? STARTING : { status: 'standby', reasons: [reason] },
    );
  }

  /** From now on requests are answered by the application. */
  serve(handler: RequestListener): void {
    this.#handler = handler;
  }

  /** Whoever is still connected is cut off. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}

const answerEarly =
  (early: Early): RequestListener =>
  (request, response) => {
    const isAlive = request.url?.split('?', 1)[0] === '/healthz';
    const report: HealthReport = isAlive
      ? { status: 'ok', reasons: [], checks: {} }
      : { ...early, checks: {} };
    response.writeHead(isAlive ? 200 : 503, {
      'Content-Type': 'application/json; charset=utf-8',
      ...(!isAlive && { 'Retry-After': '1' }),
    });
    response.end(JSON.stringify(report));
  };
