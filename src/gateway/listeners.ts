import { chmod, chown, stat, unlink } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { groupId } from './unix-group.js';

export interface ListenerOptions {
  readonly port: number;
  /** Null: all addresses. */
  readonly address: string | null;
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
  readonly unix: { readonly path: string; readonly group: string | null } | null;
}

const UNIX_SOCKET_MODE = 0o660;
const HEADERS_TIMEOUT_MS = 10_000;

/** The servers clients connect to. They are made first and listen later, when plugins are up. */
export class Listeners {
  readonly #servers: Server[] = [];
  #unixPath: string | null = null;

  constructor(
    private readonly options: ListenerOptions,
    private readonly attach: (server: Server) => void,
  ) {}

  /**
   * Opens every listener or none.
   *
   * @returns the addresses, for the ready line
   * @throws Error with one line saying which address could not be had, and why
   */
  async listen(): Promise<string[]> {
    const { port, address, tls, unix } = this.options;
    try {
      const tcp = this.#add(tls === null ? createHttpServer() : createHttpsServer(tls));
      await listening(tcp, address === null ? { port } : { port, host: address });
      const urls = [urlOf(tcp, tls === null ? 'ws' : 'wss')];
      if (unix !== null) {
        await removeStaleSocket(unix.path);
        await listening(this.#add(createHttpServer()), { path: unix.path });
        this.#unixPath = unix.path;
        await chmod(unix.path, UNIX_SOCKET_MODE);
        if (unix.group !== null) await giveToGroup(unix.path, unix.group);
        urls.push(`unix:${unix.path}`);
      }
      return urls;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Takes no new connection; resolves when the listeners are closed. */
  async close(): Promise<void> {
    const servers = this.#servers.splice(0);
    await Promise.all(
      servers.map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve());
            server.closeIdleConnections();
          }),
      ),
    );
    if (this.#unixPath !== null) await unlink(this.#unixPath).catch(() => undefined);
    this.#unixPath = null;
  }

  #add(server: Server): Server {
    server.headersTimeout = HEADERS_TIMEOUT_MS;
    this.attach(server);
    this.#servers.push(server);
    return server;
  }
}

function listening(
  server: Server,
  where: { port?: number; host?: string; path?: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      reject(new Error(`Cannot listen on ${describeAddress(where)}: ${reasonOf(error)}`));
    };
    server.once('error', fail);
    server.listen(where, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

function describeAddress({
  port,
  host,
  path,
}: {
  port?: number;
  host?: string;
  path?: string;
}): string {
  return path ?? `${host ?? 'all addresses'}, port ${port ?? 0}`;
}

const REASONS = new Map([
  ['EADDRINUSE', 'it is in use (is another dispatcher running?)'],
  ['EACCES', 'permission denied'],
  ['EADDRNOTAVAIL', 'this machine has no such address'],
  ['ENOENT', 'the folder does not exist'],
]);

function reasonOf(error: NodeJS.ErrnoException): string {
  return REASONS.get(error.code ?? '') ?? error.message;
}

function urlOf(server: Server, scheme: string): string {
  const { address, port } = server.address() as AddressInfo;
  const isAny = address === '::' || address === '0.0.0.0';
  const host = isAny ? '127.0.0.1' : address.includes(':') ? `[${address}]` : address;
  return `${scheme}://${host}:${port}/socket`;
}

async function giveToGroup(path: string, group: string): Promise<void> {
  const { uid } = await stat(path);
  await chown(path, uid, await groupId(group));
}

/** A socket file that nobody listens on is what a killed server left behind. */
async function removeStaleSocket(path: string): Promise<void> {
  const isStale = await new Promise<boolean>((resolve) => {
    const probe = connect({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
  if (isStale) await unlink(path);
}
