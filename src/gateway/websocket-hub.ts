import { isUtf8 } from 'node:buffer';
import { EventEmitter } from 'node:events';
import { type IncomingMessage, type Server as HttpServer, STATUS_CODES } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { type Server as WsServer, WebSocketServer } from 'ws';
import { isOwnRequest } from '../common/index.js';
import { Connection } from './connection.js';
import { type Dialect, FRAME_DIALECT } from './dialect.js';
import { FrameIntake, type IntakeTarget } from './frame-intake.js';
import { JsonRpcDialect } from './jsonrpc/json-rpc-dialect.js';
import { OutboxFlusher, type OutboxLimits } from './outbox.js';
import { describeTcpPeer, describeUnixPeer, type Peer, type PeerPolicy } from './peer.js';
import { refuseUpgrade } from './refuse-upgrade.js';
import type { TextEncoding } from './text-encoding.js';
import { TurnClock } from './turn-clock.js';
import {
  PARTS_AFTER_LOGIN,
  PARTS_BEFORE_LOGIN,
  type ServerWebSocket,
  webSocketOptions,
} from './web-socket.js';

export interface HubOptions {
  readonly policy: PeerPolicy;
  /** Whether common messages are read without `ws`: see {@link FrameIntake}. */
  readonly hasFastPath: boolean;
  readonly limits: {
    readonly messageBytes: number;
    readonly messageBytesBeforeLogin: number;
    readonly connections: number;
    readonly connectionsPerAddress: number;
    readonly framesPerTurn: number;
    readonly outbox: OutboxLimits;
  };
}

interface HubEvents {
  connection: [connection: Connection];
  disconnect: [connection: Connection];
}

const NOTHING = Buffer.alloc(0);

const inFrames = (): Dialect => FRAME_DIALECT;
/** What is spoken where. */
const DIALECTS: ReadonlyMap<string, () => Dialect> = new Map([
  ['/', inFrames],
  ['/socket', inFrames],
  ['/dispatcher/socket', inFrames],
  ['/jsonrpc', () => new JsonRpcDialect()],
]);

/** What Node hands over when a client asks for a WebSocket. */
interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

type Listener = (this: Duplex, chunk: Buffer) => void;

/**
 * All WebSocket connections, whichever listener they came in by: takes upgrades from any number of
 * HTTP servers, refuses what may not connect, and tells of connections, messages and partings.
 */
export class WebSocketHub extends EventEmitter<HubEvents> {
  readonly connections = new Set<Connection>();
  readonly flusher = new OutboxFlusher();
  readonly #perAddress = new Map<string, number>();
  readonly #turns = new TurnClock();
  readonly #server: WsServer<typeof ServerWebSocket>;
  /** Takes every message; set once, and no event, because this is the busiest way in the server. */
  onMessage: (connection: Connection, text: string, encoding: TextEncoding) => void = () =>
    undefined;
  #lastId = 0;
  #isClosing = false;
  /** Ticks once a second: reading the real clock for every frame would show in the profile. */
  nowMs = 0;

  constructor(readonly options: HubOptions) {
    super();
    this.#server = new WebSocketServer(webSocketOptions(options.limits));
  }

  /** Takes the upgrade requests of a server, and answers its plain requests. */
  attach(server: HttpServer | HttpsServer, transport: Peer['transport']): void {
    this.#takeUpgrades(server, transport, (request) => this.#hasAllowedOrigin(request));
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
    server.maxHeadersCount = 0; // as for the other listeners
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
    isAdmitted: (request: IncomingMessage) => boolean,
  ): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', destroy);
      const peer = this.#peerOf(request, transport);
      if (peer === null) return void socket.destroy(); // it went before it was looked at
      const refusal = this.#refusal(request, peer) ?? (isAdmitted(request) ? null : 403);
      if (refusal === null) this.#upgrade({ request, socket, head }, peer);
      else refuseUpgrade(socket, refusal);
    });
  }

  #hasAllowedOrigin({ headers: { origin } }: IncomingMessage): boolean {
    const { allowedOrigins } = this.options.policy;
    return allowedOrigins.length === 0 || origin === undefined || allowedOrigins.includes(origin);
  }

  /** The HTTP status that an upgrade is refused with, whoever asks; null when it is welcome. */
  #refusal(request: IncomingMessage, { source, isLoopback }: Peer): number | null {
    const { limits } = this.options;
    if (!DIALECTS.has(pathOf(request))) return 404;
    if (this.#isClosing || this.connections.size >= limits.connections) return 503;
    const present = source === null || isLoopback ? 0 : (this.#perAddress.get(source) ?? 0);
    return present >= limits.connectionsPerAddress ? 503 : null;
  }

  #peerOf(request: IncomingMessage, transport: Peer['transport']): Peer | null {
    this.#lastId += 1;
    const { policy } = this.options;
    return transport === 'unix'
      ? describeUnixPeer(request, policy, this.#lastId)
      : describeTcpPeer(request, policy);
  }

  #upgrade({ request, socket, head }: Upgrade, peer: Peer): void {
    const others = new Set(socket.listeners('end'));
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const outbox = { flusher: this.flusher, limits: this.options.limits.outbox };
      const dialect = DIALECTS.get(pathOf(request))?.() ?? FRAME_DIALECT;
      const parts = { id: this.#lastId, webSocket, socket, peer, dialect, outbox };
      const connection = new Connection(parts, this.nowMs);
      this.#adopt(connection);
      this.#read(connection, socket, others);
      this.emit('connection', connection);
    });
  }

  #adopt(connection: Connection): void {
    const { webSocket, peer } = connection;
    this.connections.add(connection);
    this.#count(peer.source, 1);
    webSocket.onClosing = () => connection.prepareClose();
    webSocket.on('pong', () => {
      connection.isAlive = true;
    });
    // messages that took no fast path
    webSocket.on('message', (data: Buffer, isBinary) => {
      const isText = !isBinary || isUtf8(data);
      this.#receive(connection, data.toString(), isText ? 'utf8' : 'invalid');
    });
    webSocket.on('error', ignore); // of the client: ws has said what is wrong, and parts with it
    webSocket.on('close', () => this.#forget(connection));
  }

  /** Puts the intake between the socket and ws, in the place of the listeners of ws. */
  #read(connection: Connection, socket: Duplex, others: ReadonlySet<unknown>): void {
    const { webSocket } = connection;
    const { hasFastPath, limits } = this.options;
    const options = { turns: this.#turns, framesPerTurn: limits.framesPerTurn, hasFastPath };
    const intake = new FrameIntake(webSocket, this.#targetFor(connection), options);
    connection.reader = intake;
    for (const reader of socket.listeners('data')) socket.off('data', reader as Listener);
    const ends = (socket.listeners('end') as Listener[]).filter((each) => !others.has(each));
    for (const end of ends) socket.off('end', end);
    socket.on('data', (chunk: Buffer) => intake.push(chunk));
    socket.on('end', () => {
      intake.end(() => {
        webSocket.tellClosing();
        for (const end of ends) end.call(socket, NOTHING);
      });
    });
    socket.on('close', () => intake.stop());
  }

  #targetFor(connection: Connection): IntakeTarget {
    const { messageBytes, messageBytesBeforeLogin } = this.options.limits;
    const before = { bytes: messageBytesBeforeLogin, ...PARTS_BEFORE_LOGIN };
    const after = { bytes: messageBytes, ...PARTS_AFTER_LOGIN };
    return {
      onText: (text) => this.#receive(connection, text, 'utf8'),
      onBytes: () => {
        connection.isAlive = true;
      },
      bounds: () => (connection.isLoggedIn ? after : before),
    };
  }

  #forget(connection: Connection): void {
    this.connections.delete(connection);
    this.#count(connection.peer.source, -1);
    connection.outbox.discard();
    this.emit('disconnect', connection);
  }

  #receive(connection: Connection, text: string, encoding: TextEncoding): void {
    connection.lastSeenMs = this.nowMs;
    this.onMessage(connection, text, encoding);
  }

  #count(source: string | null, step: 1 | -1): void {
    if (source === null) return;
    const count = (this.#perAddress.get(source) ?? 0) + step;
    if (count === 0) this.#perAddress.delete(source);
    else this.#perAddress.set(source, count);
  }
}

function pathOf({ url = '/' }: Pick<IncomingMessage, 'url'>): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

function destroy(this: Duplex): void {
  this.destroy();
}

function ignore(): void {
  // see where it is used
}
