import { isUtf8 } from 'node:buffer';
import { EventEmitter } from 'node:events';
import { type IncomingMessage, type Server as HttpServer, STATUS_CODES } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { isOwnRequest } from '../common/index.js';
import { Connection } from './connection.js';
import { type Dialect, FRAME_DIALECT } from './dialect.js';
import { FrameSplitter, type TextEncoding } from './frame-splitter.js';
import { JsonRpcDialect } from './jsonrpc/json-rpc-dialect.js';
import { OutboxFlusher, type OutboxLimits } from './outbox.js';
import { describeTcpPeer, describeUnixPeer, type Peer, type PeerPolicy } from './peer.js';

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

/** What Node hands over when a client asks for a WebSocket. */
interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

const inFrames = (): Dialect => FRAME_DIALECT;
/** What is spoken where. */
const DIALECTS: ReadonlyMap<string, () => Dialect> = new Map([
  ['/', inFrames],
  ['/socket', inFrames],
  ['/dispatcher/socket', inFrames],
  ['/jsonrpc', () => new JsonRpcDialect()],
]);
const TOO_BIG = 1_009;

/**
 * All WebSocket connections, whichever listener they came in by: takes upgrades from any number of
 * HTTP servers, refuses what may not connect, and tells of connections, messages and partings.
 */
export class WebSocketHub extends EventEmitter<HubEvents> {
  readonly connections = new Set<Connection>();
  readonly flusher = new OutboxFlusher();
  readonly #perAddress = new Map<string, number>();
  readonly #server: WebSocketServer;
  /** Takes every message; set once, and no event, because this is the busiest way in the server. */
  onMessage: (connection: Connection, text: string, encoding: TextEncoding) => void = () =>
    undefined;
  #lastId = 0;
  #isClosing = false;
  /** Ticks once a second: reading the real clock for every frame would show in the profile. */
  nowMs = 0;

  constructor(readonly options: HubOptions) {
    super();
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false, // costs several times the CPU and 220 KiB a connection
      skipUTF8Validation: true, // we check, and answer instead of hanging up
      maxPayload: options.limits.messageBytes,
    });
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
      socket.on('error', () => socket.destroy());
      const peer = this.#peerOf(request, transport);
      if (peer === null) return void socket.destroy(); // it went before it was looked at
      const refusal = this.#refusal(request, peer) ?? (isAdmitted(request) ? null : 403);
      if (refusal === null) this.#upgrade({ request, socket, head }, peer);
      else refuse(socket, refusal);
    });
  }

  #hasAllowedOrigin({ headers: { origin } }: IncomingMessage): boolean {
    const { allowedOrigins } = this.options.policy;
    return allowedOrigins.length === 0 || origin === undefined || allowedOrigins.includes(origin);
  }

  /** The HTTP status that an upgrade is refused with, whoever asks; null when it is welcome. */
  #refusal(request: IncomingMessage, { ip, isLoopback }: Peer): number | null {
    const { limits } = this.options;
    if (!DIALECTS.has(pathOf(request))) return 404;
    if (this.#isClosing || this.connections.size >= limits.connections) return 503;
    const present = ip === null || isLoopback ? 0 : (this.#perAddress.get(ip) ?? 0);
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
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const outbox = { flusher: this.flusher, limits: this.options.limits.outbox };
      const dialect = DIALECTS.get(pathOf(request))?.() ?? FRAME_DIALECT;
      const parts = { id: this.#lastId, webSocket, socket, peer, dialect, outbox };
      this.#adopt(new Connection(parts, this.nowMs), socket);
    });
  }

  #adopt(connection: Connection, socket: Duplex): void {
    const { webSocket, peer } = connection;
    this.connections.add(connection);
    this.#count(peer.ip, 1);
    const splitter = this.#read(connection, socket);
    webSocket.on('pong', () => {
      connection.isAlive = true;
    });
    // The peer broke the protocol: ws has sent the close code and ends the connection.
    webSocket.on('error', () => splitter.stop());
    webSocket.on('close', () => {
      splitter.stop();
      this.connections.delete(connection);
      this.#count(peer.ip, -1);
      connection.outbox.discard();
      this.emit('disconnect', connection);
    });
    this.emit('connection', connection);
  }

  /** Puts the splitter between the socket and ws: see there which frames ws still gets to see. */
  #read(connection: Connection, socket: Duplex): FrameSplitter {
    const { limits } = this.options;
    const { webSocket } = connection;
    const readers = socket.listeners('data') as ((this: Duplex, chunk: Buffer) => void)[];
    for (const reader of readers) socket.off('data', reader);
    const splitter = new FrameSplitter({
      onMessage: (text, encoding) => this.#receive(connection, text, encoding),
      onOther: (frame) => {
        for (const reader of readers) reader.call(socket, frame);
      },
      onTooBig: () => {
        connection.close(TOO_BIG, 'Message too big');
        socket.end();
      },
      maxPayload: () =>
        connection.isLoggedIn ? limits.messageBytes : limits.messageBytesBeforeLogin,
    });
    connection.reader = splitter;
    socket.on('data', (chunk: Buffer) => splitter.push(chunk));
    // Only messages that came in fragments take this way.
    webSocket.on('message', (data: Buffer) => {
      this.#receive(connection, data.toString(), isUtf8(data) ? 'utf8' : 'invalid');
    });
    return splitter;
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

function pathOf({ url = '/' }: IncomingMessage): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

function refuse(socket: Duplex, status: number): void {
  const text = STATUS_CODES[status] ?? '';
  socket.end(
    `HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    () => socket.destroy(),
  );
}
