import type { Server as HttpServer } from 'node:http';
import { Inject } from '@nestjs/common';
import { type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import type { TokenStore } from '../auth/index.js';
import type { EventRouter } from '../events/index.js';
import type { DispatcherEvent } from '../sdk/index.js';
import type { Connection } from './connection.js';
import { ConnectionMonitor, type MonitorOptions } from './connection-monitor.js';
import type { EventFrames } from './event-frames.js';
import { FRAME_DIALECT } from './dialect.js';
import type { FrameDispatcher } from './frame-dispatcher.js';
import { JsonRpcDialect } from './jsonrpc/json-rpc-dialect.js';
import type { JsonRpcDispatcher } from './jsonrpc/json-rpc-dispatcher.js';
import type { Listeners } from './listeners.js';
import type { SessionManager } from './session-manager.js';
import type { TlsMaterial } from './tls-files.js';
import type { WebSocketHub } from './websocket-hub.js';

const GOING_AWAY = 1_001;
const TICK_MS = 1_000;
/** How long clients may take to answer the closing of their connection. */
const GOODBYE_MS = 2_000;

/** Injection token of {@link GatewayDependencies}. */
export const GATEWAY_DEPENDENCIES = Symbol('gateway dependencies');

export interface GatewayDependencies {
  readonly frames: FrameDispatcher;
  readonly jsonRpc: JsonRpcDispatcher;
  readonly eventFrames: EventFrames;
  readonly events: EventRouter;
  readonly tokens: TokenStore;
  readonly sessions: SessionManager;
  readonly listeners: Listeners;
  readonly options: MonitorOptions;
}

/**
 * Where the clients' world meets the server's: passes messages to the frame dispatcher, tells the
 * router of comings and goings, and opens and closes the doors.
 */
@WebSocketGateway()
export class DispatcherGateway implements OnGatewayInit<WebSocketHub> {
  #hub: WebSocketHub | null = null;
  #ticker: NodeJS.Timeout | null = null;
  #openedConnections = 0;

  constructor(@Inject(GATEWAY_DEPENDENCIES) private readonly dependencies: GatewayDependencies) {}

  get connections(): ReadonlySet<Connection> {
    return this.#hub?.connections ?? new Set();
  }

  /** Since the start. */
  get openedConnections(): number {
    return this.#openedConnections;
  }

  afterInit(hub: WebSocketHub): void {
    const { frames, jsonRpc, eventFrames, events, tokens, options } = this.dependencies;
    this.#hub = hub;
    events.addSink(eventFrames);
    const monitor = new ConnectionMonitor(hub, { tokens, events }, options);
    // not the time of day, which an appliance may set by hours when it starts
    monitor.tick(performance.now());
    this.#ticker = setInterval(() => monitor.tick(performance.now()), TICK_MS).unref();
    hub.on('connection', (connection) => this.#onConnection(connection));
    hub.onMessage = (connection, text, encoding) => {
      const { dialect } = connection;
      if (dialect === FRAME_DIALECT) frames.receive(connection, text, encoding);
      else if (dialect instanceof JsonRpcDialect)
        jsonRpc.receive(connection, dialect, [text, encoding]);
    };
    hub.on('disconnect', (connection) => this.#onDisconnect(connection));
  }

  /** Lets clients in; returns where. */
  serve(): readonly string[] {
    const hub = this.#hub;
    if (hub === null) throw new Error('The gateway was not initialised by Nest');
    return this.dependencies.listeners.serve((server, transport) => hub.attach(server, transport));
  }

  /** For the connections to come. */
  renewCertificate(tls: TlsMaterial): void {
    this.dependencies.listeners.renewCertificate(tls);
  }

  /** Lets the web console connect where it came from; called when clients are let in, not before. */
  serveConsole(server: HttpServer): void {
    this.#hub?.attachConsole(server);
  }

  /** Logs a session out for good: its token is worth nothing any more. False when there is none. */
  kick(sessionId: number, reason: string): boolean {
    const connection = this.connectionOf(sessionId);
    if (connection === undefined) return false;
    if (connection.tokenKey !== null) this.dependencies.tokens.revoke(connection.tokenKey);
    connection.logout(reason);
    return true;
  }

  /** The open connection of a session; undefined when there is none. */
  connectionOf(sessionId: number): Connection | undefined {
    for (const connection of this.connections) {
      if (connection.sender.sessionId === sessionId && connection.isOpen) return connection;
    }
    return undefined;
  }

  /** An event for these clients only: those of them get it that have subscribed to it. */
  sendEvent(connections: Iterable<Connection>, event: DispatcherEvent): void {
    this.dependencies.eventFrames.sendTo(connections, event);
  }

  /** Says 1001 to every client, waits a little for their goodbyes, and closes the listeners. */
  async shutdown(): Promise<void> {
    const hub = this.#hub;
    if (this.#ticker !== null) clearInterval(this.#ticker);
    if (hub === null) return;
    hub.closeAll(GOING_AWAY, 'Server is shutting down');
    const lateOnes = setTimeout(() => hub.terminateAll(), GOODBYE_MS);
    await this.dependencies.listeners.close();
    clearTimeout(lateOnes);
    this.dependencies.events.removeSink(this.dependencies.eventFrames);
  }

  #onConnection({ peer: { address } }: Connection): void {
    this.#openedConnections += 1;
    this.dependencies.events.publish('server.client_connected', {
      address,
      description: `Client ${address} connected`,
    });
  }

  #onDisconnect(connection: Connection): void {
    const { events, eventFrames, sessions } = this.dependencies;
    const { address } = connection.peer;
    connection.loginInProgress?.abort();
    connection.end();
    sessions.end(connection);
    eventFrames.forget(connection);
    events.publish('server.client_disconnected', {
      address,
      description: `Client ${address} disconnected`,
    });
  }
}
