import { EventEmitter } from 'node:events';
import { type Server as HttpServer, STATUS_CODES } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { Crowd, isOwnRequest } from '../common/index.js';
import { Connection } from './connection.js';
import { type Dialect, FRAME_DIALECT } from './dialect.js';
import type { TextEncoding } from './frame-reader.js';
import { FrontDoor, type TakeUpgrade } from './front-door.js';
import { acceptance, handshakeFault, refuse, type UpgradeRequest } from './handshake.js';
import { JsonRpcDialect } from './jsonrpc/json-rpc-dialect.js';
import { OutboxFlusher, type OutboxLimits } from './outbox.js';
import { describeTcpPeer, describeUnixPeer, type Peer, type PeerPolicy } from './peer.js';
import { ServerWebSocket } from './web-socket.js';

export interface HubOptions {
  readonly policy: PeerPolicy;
  readonly limits: {
    readonly messageBytes: number;
    readonly messageBytesBeforeLogin: number;
    readonly connections: number;
    readonly connectionsPerAddress: number;
    readonly outbox: OutboxLimits;
  };
}

interface HubEvents {
  connection: [connection: Connection];
  disconnect: [connection: Connection];
}

const inFrames = (): Dialect => FRAME_DIALECT;
/** What is spoken where. */
const DIALECTS: ReadonlyMap<string, () => Dialect> = new Map([
  ['/', inFrames],
  ['/socket', inFrames],
  ['/dispatcher/socket', inFrames],
  ['/jsonrpc', () => new JsonRpcDialect()],
]);
/** How long a client may take to answer a goodbye. */
const GOODBYE_MS = 30_000;

/**
 * All WebSocket connections, whichever listener they came in by: takes upgrades from any number of
 * HTTP servers, refuses what may not connect, and tells of connections, messages and partings.
 */
export class WebSocketHub extends EventEmitter<HubEvents> {
  readonly connections = new Crowd<Connection>();
  readonly flusher = new OutboxFlusher();
  readonly #perAddress = new Map<string, number>();
  /** Takes every message; set once, and no event, because this is the busiest way in the server. */
  onMessage: (connection: Connection, text: string, encoding: TextEncoding) => void = () =>
    undefined;
  #lastId = 0;
  #isClosing = false;
  /** Ticks once a second: reading the real clock for every frame would show in the profile. */
  nowMs = 0;

  constructor(readonly options: HubOptions) {
    super();
  }

  /** Takes the upgrade requests of a server, and answers its plain requests. */
  attach(server: HttpServer | HttpsServer, transport: Peer['transport']): void {
    const take = this.#takeUpgrades(server, transport, (request) =>
      this.#hasAllowedOrigin(request),
    );
    if (!(server instanceof HttpsServer)) new FrontDoor(server, take);
    server.on('request', (request, response) => {
      const status = DIALECTS.has(pathOf(request)) ? 426 : 404;
      if (status === 426) response.setHeader('Upgrade', 'websocket');
      response.writeHead(status, { 'Content-Type': 'text/plain' });
      response.end(`${STATUS_CODES[status] ?? ''}\n`);
    });
  }

  /**
   * Takes the upgrade requests of the debug-mode server, whose plain requests are none of ours. Only
   * its own pages may connect here, whatever other sites are allowed to.
   */
  attachConsole(server: HttpServer): void {
    this.#takeUpgrades(server, 'tcp', ({ headers }) => isOwnRequest(headers));
  }

  /** Lets nobody new in, and says goodbye to everybody. */
  closeAll(code: number, reason: string): void {
    this.#isClosing = true;
    for (const connection of this.connections) {
      if (connection.isLoggedIn) connection.sendLogout(reason);
      connection.close(code, reason);
    }
  }

  terminateAll(): void {
    for (const { webSocket } of this.connections) webSocket.terminate();
  }

  #takeUpgrades(
    server: HttpServer | HttpsServer,
    transport: Peer['transport'],
    isAdmitted: (request: UpgradeRequest) => boolean,
  ): TakeUpgrade {
    const take = (request: UpgradeRequest, socket: Duplex, head: Buffer): void => {
      const peer = this.#peerOf(request, transport);
      if (peer === null) return void socket.destroy(); // it went before it was looked at
      const refusal = this.#refusal(request, peer) ?? (isAdmitted(request) ? null : 403);
      const status = refusal ?? handshakeFault(request);
      if (status === null) this.#accept(request, socket, { peer, head });
      else refuse(socket, status);
    };
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      take(request, socket, head);
    });
    return take;
  }

  #hasAllowedOrigin({ headers: { origin } }: UpgradeRequest): boolean {
    const { allowedOrigins } = this.options.policy;
    return allowedOrigins.length === 0 || origin === undefined || allowedOrigins.includes(origin);
  }

  /** The HTTP status that an upgrade is refused with, whoever asks; null when it is welcome. */
  #refusal(request: UpgradeRequest, { ip, isLoopback }: Peer): number | null {
    const { limits } = this.options;
    if (!DIALECTS.has(pathOf(request))) return 404;
    if (this.#isClosing || this.connections.size >= limits.connections) return 503;
    const present = ip === null || isLoopback ? 0 : (this.#perAddress.get(ip) ?? 0);
    return present >= limits.connectionsPerAddress ? 503 : null;
  }

  #peerOf(request: UpgradeRequest, transport: Peer['transport']): Peer | null {
    this.#lastId += 1;
    const { policy } = this.options;
    return transport === 'unix'
      ? describeUnixPeer(request, policy, this.#lastId)
      : describeTcpPeer(request, policy);
  }

  #accept(
    request: UpgradeRequest,
    socket: Duplex,
    { peer, head }: { readonly peer: Peer; readonly head: Buffer },
  ): void {
    socket.write(acceptance(request));
    const webSocket: ServerWebSocket = new ServerWebSocket(socket, {
      onMessage: (text, encoding) => this.#receive(connection, text, encoding),
      onPong: () => {
        connection.isAlive = true;
      },
      onClosing: () => {
        connection.terminateAtMs = this.nowMs + GOODBYE_MS;
        connection.outbox.flush();
      },
      onClosed: () => this.#forget(connection),
      maxPayload: () =>
        connection.isLoggedIn
          ? this.options.limits.messageBytes
          : this.options.limits.messageBytesBeforeLogin,
    });
    const outbox = { flusher: this.flusher, limits: this.options.limits.outbox };
    const dialect = DIALECTS.get(pathOf(request))?.() ?? FRAME_DIALECT;
    const parts = { id: this.#lastId, webSocket, socket, peer, dialect, outbox };
    const connection: Connection = new Connection(parts, this.nowMs);
    this.connections.add(connection);
    this.#count(peer.ip, 1);
    this.emit('connection', connection);
    if (head.length > 0) webSocket.reader.push(head);
  }

  #forget(connection: Connection): void {
    this.connections.delete(connection);
    this.#count(connection.peer.ip, -1);
    connection.outbox.discard();
    this.emit('disconnect', connection);
  }

  #receive(connection: Connection, text: string, encoding: TextEncoding): void {
    connection.isAlive = true;
    connection.lastSeenMs = this.nowMs;
    this.onMessage(connection, text, encoding);
  }

  #count(ip: string | null, step: 1 | -1): void {
    if (ip === null) return;
    const count = (this.#perAddress.get(ip) ?? 0) + step;
    if (count === 0) this.#perAddress.delete(ip);
    else this.#perAddress.set(ip, count);
  }
}

function pathOf({ url = '/' }: Pick<UpgradeRequest, 'url'>): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}
