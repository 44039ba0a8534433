import { type IncomingMessage, type Server as HttpServer, STATUS_CODES } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { type Server as WsServer, WebSocketServer } from 'ws';
import { isOwnRequest } from '../../common/index.js';
import { AddressCounts } from './address-counts.js';
import { GatewaySocket } from './gateway-socket.js';
import { CoarseClock } from './coarse-clock.js';
import type { ConnectionHandler, RequestHandler, SocketOwner } from './connection-handler.js';
import type { MessageBounds } from './frame-intake.js';
import { OutboxFlusher, type OutboxLimits } from './outbox.js';
import { describeTcpPeer, describeUnixPeer, type Peer, type PeerPolicy } from './peer.js';
import { refuseUpgrade } from './refuse-upgrade.js';
import { TurnClock } from './turn-clock.js';
import {
  PARTS_AFTER_LOGIN,
  PARTS_BEFORE_LOGIN,
  type ServerWebSocket,
  takeReading,
  webSocketOptions,
} from './web-socket.js';

export interface HubOptions {
  readonly policy: PeerPolicy;
  /** Whether common messages are read without `ws`: see `frame-intake.ts`. */
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

/** What Node hands over when a client asks for a WebSocket. */
interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/**
 * All WebSocket connections, whichever listener they came in by: takes upgrades from any number of
 * HTTP servers, refuses what may not connect, and tells its handler of connections, messages and partings.
 */
export class WebSocketHub<C extends SocketOwner = SocketOwner> {
  readonly connections = new Set<C>();
  readonly clock = new CoarseClock();
  readonly #flusher = new OutboxFlusher();
  readonly #perAddress = new AddressCounts();
  readonly #turns = new TurnClock();
  readonly #server: WsServer<typeof ServerWebSocket>;
  readonly #boundsBeforeLogin: MessageBounds;
  readonly #boundsAfterLogin: MessageBounds;
  #lastNumber = 0;
  #openedConnections = 0;
  #isClosing = false;

  constructor(
    private readonly options: HubOptions,
    readonly handler: ConnectionHandler<C>,
  ) {
    const { messageBytes, messageBytesBeforeLogin } = options.limits;
    this.#boundsBeforeLogin = { bytes: messageBytesBeforeLogin, ...PARTS_BEFORE_LOGIN };
    this.#boundsAfterLogin = { bytes: messageBytes, ...PARTS_AFTER_LOGIN };
    this.#server = new WebSocketServer(webSocketOptions(options.limits));
  }

  /** Since the start. */
  get openedConnections(): number {
    return this.#openedConnections;
  }

  /** Takes the upgrade requests of a server, and answers those plain requests that are not for `plain`. */
  attach(
    server: HttpServer | HttpsServer,
    transport: Peer['transport'],
    plain: RequestHandler,
  ): void {
    this.#takeUpgrades(server, transport, (request) => this.#hasAllowedOrigin(request));
    server.on('request', (request, response) => {
      if (plain.takes(pathOf(request))) {
        const peer = this.#peerOf(request, transport);
        if (peer === null) response.destroy();
        else void plain.handle({ request, response, peer });
        return;
      }
      const status = this.handler.speaks(pathOf(request)) ? 426 : 404;
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

  /** Lets nobody new in. */
  refuseNew(): void {
    this.#isClosing = true;
  }

  terminateAll(): void {
    for (const { socket } of this.connections) socket.terminate();
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
    if (!this.handler.speaks(pathOf(request))) return 404;
    if (this.#isClosing || this.connections.size >= limits.connections) return 503;
    const present = source === null || isLoopback ? 0 : this.#perAddress.of(source);
    return present >= limits.connectionsPerAddress ? 503 : null;
  }

  #peerOf(request: IncomingMessage, transport: Peer['transport']): Peer | null {
    this.#lastNumber += 1;
    const { policy } = this.options;
    return transport === 'unix'
      ? describeUnixPeer(request, policy, this.#lastNumber)
      : describeTcpPeer(request, policy);
  }

  #upgrade({ request, socket, head }: Upgrade, peer: Peer): void {
    const others = new Set(socket.listeners('end'));
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const { hasFastPath, limits } = this.options;
      const endReading = takeReading(webSocket, socket, others);
      const outbox = { flusher: this.#flusher, limits: limits.outbox };
      const intake = { turns: this.#turns, framesPerTurn: limits.framesPerTurn, hasFastPath };
      const parts = { webSocket, socket, endReading, peer, clock: this.clock, outbox, intake };
      // the socket is read later than this: whoever it tells of anything is there by then
      const client = new GatewaySocket(parts, {
        onMessage: (text, encoding) => this.handler.onMessage(connection, text, encoding),
        onClose: () => this.#forget(connection),
        bounds: () => (connection.isLoggedIn ? this.#boundsAfterLogin : this.#boundsBeforeLogin),
      });
      const connection: C = this.handler.connect(client, pathOf(request));
      this.#adopt(connection);
    });
  }

  #adopt(connection: C): void {
    this.connections.add(connection);
    const { source } = connection.socket.peer;
    if (source !== null) this.#perAddress.add(source);
    this.#openedConnections += 1;
    this.handler.onOpen(connection);
  }

  #forget(connection: C): void {
    const { peer, outbox } = connection.socket;
    this.connections.delete(connection);
    if (peer.source !== null) this.#perAddress.remove(peer.source);
    outbox.discard();
    this.handler.onClose(connection);
  }
}

function pathOf({ url = '/' }: Pick<IncomingMessage, 'url'>): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

function destroy(this: Duplex): void {
  this.destroy();
}
