import type { Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import { ApiKeys, TokenStore } from '../auth/index.js';
import { EventRouter } from '../events/index.js';
import type { DispatcherEvent } from '../sdk/index.js';
import { HttpCalls } from './http/index.js';
import { type Connection, EventFrames } from './protocol/index.js';
import {
  ConnectionMonitor,
  Listeners,
  MemoryListener,
  type TlsMaterial,
  WebSocketHub,
} from './transport/index.js';

const GOING_AWAY = 1_001;
const TICK_MS = 1_000;
/** How long clients may take to answer the closing of their connection. */
const GOODBYE_MS = 2_000;

/** Opens and closes the doors to the clients' world, and says who is in. */
@WebSocketGateway()
export class DispatcherGateway implements OnGatewayInit {
  #ticker: NodeJS.Timeout | null = null;
  #memory: MemoryListener | null = null;

  constructor(
    private readonly hub: WebSocketHub<Connection>,
    private readonly monitor: ConnectionMonitor<Connection>,
    private readonly listeners: Listeners,
    private readonly eventFrames: EventFrames,
    private readonly events: EventRouter,
    private readonly tokens: TokenStore,
    private readonly keys: ApiKeys,
    private readonly httpCalls: HttpCalls,
  ) {}

  get connections(): ReadonlySet<Connection> {
    return this.hub.connections;
  }

  /** Since the start. */
  get openedConnections(): number {
    return this.hub.openedConnections;
  }

  afterInit(): void {
    const { eventFrames, events } = this;
    events.addSink(eventFrames);
    this.#tick();
    this.#ticker = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** Lets clients in; returns where. */
  serve(): readonly string[] {
    const { hub, listeners, httpCalls } = this;
    return listeners.serve((server, transport) => hub.attach(server, transport, httpCalls));
  }

  /** For the connections to come. */
  renewCertificate(tls: TlsMaterial): void {
    this.listeners.renewCertificate(tls);
  }

  /** Lets the web console connect where it came from; called when clients are let in, not before. */
  serveConsole(server: HttpServer): void {
    this.hub.attachConsole(server);
  }

  /** Opens a connection from within the process; what speaks on it can log in as a service. */
  connectWithin(): Duplex {
    const { hub, httpCalls } = this;
    this.#memory ??= new MemoryListener((server) => hub.attach(server, 'unix', httpCalls));
    return this.#memory.connect();
  }

  /** Logs a session out for good: its token is worth nothing any more. False when there is none. */
  kick(sessionId: number, reason: string): boolean {
    const connection = this.connectionOf(sessionId);
    if (connection === undefined) return false;
    if (connection.tokenKey !== null) this.tokens.revoke(connection.tokenKey);
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
    this.eventFrames.sendTo(connections, event);
  }

  /** Says 1001 to every client, waits a little for their goodbyes, and closes the listeners. */
  async shutdown(): Promise<void> {
    const { hub, listeners, events, eventFrames, httpCalls } = this;
    if (this.#ticker !== null) clearInterval(this.#ticker);
    hub.refuseNew();
    httpCalls.close();
    for (const connection of hub.connections)
      connection.sayGoodbye(GOING_AWAY, 'Server is shutting down');
    const lateOnes = setTimeout(() => hub.terminateAll(), GOODBYE_MS);
    await listeners.close();
    this.#memory?.close();
    clearTimeout(lateOnes);
    events.removeSink(eventFrames);
  }

  /** By a clock that is not the time of day, which an appliance may set by hours when it starts. */
  #tick(): void {
    const { monitor, tokens, keys } = this;
    keys.tick();
    if (monitor.tick(performance.now())) tokens.sweep();
  }
}
