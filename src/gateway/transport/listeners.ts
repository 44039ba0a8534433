import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer, Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { plainAddress } from '../../common/index.js';
import { AddressCounts } from './address-counts.js';
import type { Peer } from './peer.js';
import type { TlsMaterial } from './tls-files.js';
import { UnixSocketFile, type UnixSocketOptions } from './unix-listener.js';

export interface ListenerOptions {
  readonly port: number;
  /** Null: all addresses. */
  readonly address: string | null;
  readonly tls: TlsMaterial | null;
  readonly unix: UnixSocketOptions | null;
  /** Clients that are let in; a few sockets more are taken, to be told that there are too many. */
  readonly maxConnections: number;
  /** Clients of one remote address that are let in. */
  readonly connectionsPerAddress: number;
  /** Addresses that stand for many clients, or for this machine. */
  readonly isUnlimited: (ip: string) => boolean;
}

/** Gives a server its handlers; called before it listens. */
export type AttachServer = (server: Server, transport: Peer['transport']) => void;

/** How long a socket may take to say what it wants, TLS included. */
const HEADERS_TIMEOUT_MS = 10_000;
/** How often Node looks for sockets that are past that time; its own 30 s is for patient people. */
const CHECK_INTERVAL_MS = 2_000;
/** Sockets above the limit, so that a client too many hears 503 and silent ones leave room. */
const SOCKET_HEADROOM = 64;
/** The same of one address: silent sockets are none of its connections yet, and descriptors all the same. */
const ADDRESS_HEADROOM = 16;
/** How long sockets may linger once nobody new is let in. */
const GOODBYE_MS = 2_000;

/**
 * The servers clients connect to. They listen before anything else is done, so that an address that
 * is somebody else's ends the start there, and serve when plugins are up.
 */
export class Listeners {
  readonly #servers: { readonly server: Server; readonly transport: Peer['transport'] }[] = [];
  #addresses: readonly string[] = [];
  /** Node forgets a socket at its upgrade and never knew one that is silent: so they are kept here. */
  readonly #sockets = new Set<Socket>();
  readonly #perAddress = new AddressCounts();
  #unixSocket: UnixSocketFile | null = null;
  /** One function for all sockets: a closure each would show in the memory of idle clients. */
  readonly #forget: (this: Socket) => void;

  /** @param attach - handlers for the time until {@link serve} */
  constructor(
    private readonly options: ListenerOptions,
    private readonly attach: AttachServer,
  ) {
    const sockets = this.#sockets;
    this.#forget = function () {
      sockets.delete(this);
    };
  }

  /** Sockets that are open at this moment, silent ones included. */
  get openSockets(): number {
    return this.#sockets.size;
  }

  /**
   * Opens every listener or none.
   *
   * @returns the addresses, for the ready line
   * @throws Error with one line saying which address could not be had, and why
   */
  async listen(): Promise<string[]> {
    try {
      const urls = [await this.#listenOnTcp()];
      if (this.options.unix !== null) urls.push(await this.#listenOnUnix(this.options.unix));
      this.#addresses = urls;
      return urls;
    } catch (error) {
      await this.close(0);
      throw error;
    }
  }

  /** Gives every listener its handlers; returns the addresses. */
  serve(attach: AttachServer): readonly string[] {
    for (const { server, transport } of this.#servers) {
      server.removeAllListeners('request').removeAllListeners('upgrade');
      attach(server, transport);
    }
    return this.#addresses;
  }

  /**
   * Takes no new connection and resolves when all are gone: what is still open after `graceMs`,
   * such as a socket that never said anything, is cut off.
   */
  async close(graceMs = GOODBYE_MS): Promise<void> {
    const servers = this.#servers.splice(0).map(({ server }) => server);
    await this.#unixSocket?.remove();
    this.#unixSocket = null;
    const closed = servers.map(
      (server) => new Promise<void>((resolve) => void server.close(() => resolve())),
    );
    for (const server of servers) server.closeIdleConnections();
    const lateOnes = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    await Promise.all(closed);
    clearTimeout(lateOnes);
  }

  /** New connections are shown this certificate; those that are open know theirs already. */
  renewCertificate(tls: TlsMaterial): void {
    for (const { server } of this.#servers) {
      if (server instanceof HttpsServer) server.setSecureContext(tls);
    }
  }

  async #listenOnTcp(): Promise<string> {
    const { port, address, tls } = this.options;
    const timing = { connectionsCheckingInterval: CHECK_INTERVAL_MS };
    const server =
      tls === null
        ? createHttpServer(timing)
        : createHttpsServer({ ...timing, ...tls, handshakeTimeout: HEADERS_TIMEOUT_MS });
    this.#add(server, 'tcp');
    const label = `${address ?? 'all addresses'}, port ${port}`;
    await explained(
      label,
      listening(server, address === null ? { port } : { port, host: address }),
    );
    return urlOf(server, tls === null ? 'ws' : 'wss');
  }

  async #listenOnUnix(options: UnixSocketOptions): Promise<string> {
    const server = createHttpServer({ connectionsCheckingInterval: CHECK_INTERVAL_MS });
    this.#add(server, 'unix');
    this.#unixSocket = await explained(options.path, UnixSocketFile.listen(server, options));
    return `unix:${options.path}`;
  }

  /** An address past its limit is not told so: whoever holds that many sockets does not listen. */
  #count(socket: Socket): void {
    const ip = countedAddress(socket, this.options);
    if (ip === null) return;
    this.#perAddress.add(ip);
    socket.on('close', () => this.#perAddress.remove(ip));
    if (this.#perAddress.of(ip) > this.options.connectionsPerAddress + ADDRESS_HEADROOM)
      socket.destroy();
  }

  #add(server: Server, transport: Peer['transport']): void {
    server.headersTimeout = HEADERS_TIMEOUT_MS;
    // Node drops header lines past a thousand without a word, and one of a proxy might be among them:
    // their bytes are bounded, and what is within that is seen
    server.maxHeadersCount = 0;
    server.maxConnections = this.options.maxConnections + SOCKET_HEADROOM;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', this.#forget);
      if (transport === 'tcp') this.#count(socket);
    });
    // A connection that cannot be accepted is the loss of that client, not of the server.
    server.on('error', () => undefined);
    this.attach(server, transport);
    this.#servers.push({ server, transport });
  }
}

/** What counts against the limit of one address; null for what has none. */
function countedAddress(
  { remoteAddress }: Socket,
  { isUnlimited }: ListenerOptions,
): string | null {
  if (remoteAddress === undefined) return null;
  const ip = plainAddress(remoteAddress);
  return isUnlimited(ip) ? null : ip;
}

function listening(server: Server, where: { port: number; host?: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

const REASONS = new Map([
  ['EADDRINUSE', 'it is in use (is another dispatcher running?)'],
  ['EEXIST', 'it is in use (is another dispatcher running?)'],
  ['EACCES', 'permission denied'],
  ['EADDRNOTAVAIL', 'this machine has no such address'],
  ['ENOENT', 'the folder does not exist'],
  ['ENAMETOOLONG', 'the path is too long'],
]);

async function explained<T>(label: string, attempt: Promise<T>): Promise<T> {
  try {
    return await attempt;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = REASONS.get(code ?? '') ?? message;
    throw new Error(`Cannot listen on ${label}: ${reason}`, { cause: error });
  }
}

function urlOf(server: Server, scheme: string): string {
  const { address, port } = server.address() as AddressInfo;
  const isAny = address === '::' || address === '0.0.0.0';
  const host = isAny ? '127.0.0.1' : address.includes(':') ? `[${address}]` : address;
  return `${scheme}://${host}:${port}/socket`;
}
