import type { TokenStore } from '../auth/index.js';
import type { EventRouter } from '../events/index.js';
import { CloseCode, type Connection } from './connection.js';
import type { WebSocketHub } from './websocket-hub.js';

const TRY_AGAIN_LATER = 1_013;
/** How long a client that is let go of may take to read what the socket already holds. */
const FAREWELL_MS = 5_000;
/** `lastSeenMs` may be that much too early: it is read from a clock that ticks once a second. */
const CLOCK_STEP_MS = 1_000;

export interface KeeperOptions {
  readonly heartbeatMs: number;
  readonly loginTimeoutMs: number;
  /** How long a logged-in user's connection may be silent: the lifetime of its token. */
  readonly idleLogoutMs: number;
}

/**
 * Looks at every connection once a second: who does not answer, does not read, does not log in or
 * has been idle past its token's life is let go of. One loop instead of timers per connection.
 */
export class ConnectionKeeper {
  #nextHeartbeatMs = 0;

  constructor(
    private readonly hub: WebSocketHub,
    private readonly dependencies: { readonly tokens: TokenStore; readonly events: EventRouter },
    private readonly options: KeeperOptions,
  ) {}

  tick(nowMs: number): void {
    this.hub.nowMs = nowMs;
    const isHeartbeat = nowMs >= this.#nextHeartbeatMs;
    if (isHeartbeat) {
      this.#nextHeartbeatMs = nowMs + this.options.heartbeatMs;
      this.dependencies.tokens.sweep();
    }
    for (const connection of this.hub.connections) {
      if (!connection.isOpen) {
        if ((connection.terminateAtMs ?? Infinity) <= nowMs) connection.webSocket.terminate();
      } else if (!isHeartbeat || this.#isAnswering(connection)) {
        this.#check(connection, nowMs);
      }
    }
  }

  /** No frame, no pong and no byte taken since the last heartbeat: the other end is gone. */
  #isAnswering(connection: Connection): boolean {
    const { sentBytes } = connection.outbox;
    const isReading = sentBytes > connection.sentBytesAtHeartbeat && connection.outbox.isCongested;
    connection.sentBytesAtHeartbeat = sentBytes;
    if (!connection.isAlive && !isReading) {
      connection.webSocket.terminate();
      return false;
    }
    connection.isAlive = false;
    connection.webSocket.ping();
    return true;
  }

  #check(connection: Connection, nowMs: number): void {
    const { tokens } = this.dependencies;
    if (connection.outbox.isOverLimit(nowMs)) {
      this.#dropStalled(connection, nowMs);
    } else if (connection.tokenKey !== null) {
      tokens.touch(connection.tokenKey, connection.lastSeenMs + CLOCK_STEP_MS);
      if (nowMs - connection.lastSeenMs >= this.options.idleLogoutMs + CLOCK_STEP_MS) {
        connection.logout('Logged out due to inactivity period');
      }
    } else if (!connection.isLoggedIn && !connection.peer.isLoopback) {
      const waitedMs = nowMs - connection.openedAtMs;
      if (waitedMs > this.options.loginTimeoutMs) {
        connection.close(CloseCode.loginTimeout, 'No login in time');
      }
    }
  }

  #dropStalled(connection: Connection, nowMs: number): void {
    const { pendingFrames } = connection.outbox;
    const { address } = connection.peer;
    connection.outbox.discard();
    connection.webSocket.close(TRY_AGAIN_LATER, 'Client does not read');
    connection.terminateAtMs = nowMs + FAREWELL_MS;
    this.dependencies.events.publish('server.client_stalled', {
      address,
      frames: pendingFrames,
      description: `Client ${address} did not read and was disconnected`,
    });
  }
}
