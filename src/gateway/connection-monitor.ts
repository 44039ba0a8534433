import type { TokenStore } from '../auth/index.js';
import type { EventRouter } from '../events/index.js';
import { CloseCode, type Connection } from './connection.js';
import type { WebSocketHub } from './websocket-hub.js';

const TRY_AGAIN_LATER = 1_013;
/** `lastSeenMs` may be that much too early: it is read from a clock that ticks once a second. */
const CLOCK_STEP_MS = 1_000;
/** A look that comes so long after the one before says something of this process, not of the clients. */
const LATE_MS = 2_500;
/** How many heartbeats a client may take nothing of what waits for it. */
const MAX_SILENT_HEARTBEATS = 10;

export interface MonitorOptions {
  readonly heartbeatMs: number;
  readonly loginTimeoutMs: number;
  /** How long a logged-in user's connection may be silent: the lifetime of its token. */
  readonly idleLogoutMs: number;
}

/**
 * Looks at every connection once a second: who does not answer, does not read, does not log in or
 * has been idle past its token's life is let go of. One loop instead of timers per connection.
 */
export class ConnectionMonitor {
  #nextHeartbeatMs = 0;

  constructor(
    private readonly hub: WebSocketHub,
    private readonly dependencies: { readonly tokens: TokenStore; readonly events: EventRouter },
    private readonly options: MonitorOptions,
  ) {}

  tick(nowMs: number): void {
    const isLate = nowMs - this.hub.nowMs > LATE_MS;
    this.hub.nowMs = nowMs;
    // who was not looked at for so long has not heard the pongs either, which wait in the sockets
    if (isLate) this.#nextHeartbeatMs = Math.max(this.#nextHeartbeatMs, nowMs + CLOCK_STEP_MS);
    const isHeartbeat = nowMs >= this.#nextHeartbeatMs;
    if (isHeartbeat) {
      this.#nextHeartbeatMs = nowMs + this.options.heartbeatMs;
      this.dependencies.tokens.sweep();
    }
    for (const connection of this.hub.connections) {
      if (!connection.isOpen) continue; // `ws` ends closings that take too long
      if (!isHeartbeat || this.#isAnswering(connection)) {
        this.#check(connection, nowMs);
      }
    }
  }

  /** Nothing heard since the last heartbeat: the other end is gone. Who is not read cannot be heard. */
  #isAnswering(connection: Connection): boolean {
    if (connection.isReadingPaused) return this.#isTaking(connection);
    if (!connection.isAlive) {
      connection.webSocket.terminate();
      return false;
    }
    connection.silentHeartbeats = 0;
    connection.sentBytesAtHeartbeat = connection.outbox.sentBytes;
    connection.isAlive = false;
    connection.webSocket.ping();
    return true;
  }

  /** Who takes not a byte for very long is let go of, lest the dead hold what waits for them. */
  #isTaking(connection: Connection): boolean {
    const { sentBytes, isCongested } = connection.outbox;
    const isProgress = !isCongested || sentBytes > connection.sentBytesAtHeartbeat;
    connection.silentHeartbeats = isProgress ? 0 : connection.silentHeartbeats + 1;
    connection.sentBytesAtHeartbeat = sentBytes;
    if (connection.silentHeartbeats < MAX_SILENT_HEARTBEATS) return true;
    this.#dropStalled(connection);
    return false;
  }

  #check(connection: Connection, nowMs: number): void {
    const { tokens } = this.dependencies;
    if (connection.outbox.isOverLimit(nowMs)) {
      this.#dropStalled(connection);
    } else if (connection.tokenKey !== null) {
      tokens.touch(connection.tokenKey, connection.lastSeenMs + CLOCK_STEP_MS);
      if (nowMs - connection.lastSeenMs >= this.options.idleLogoutMs + CLOCK_STEP_MS) {
        connection.logout('Logged out due to inactivity period');
      }
    } else if (!connection.isLoggedIn && !connection.peer.isLoopback && !isLoggingIn(connection)) {
      const waitedMs = nowMs - connection.openedAtMs;
      if (waitedMs > this.options.loginTimeoutMs) {
        connection.close(CloseCode.loginTimeout, 'No login in time');
      }
    }
  }

  #dropStalled(connection: Connection): void {
    const { pendingFrames } = connection.outbox;
    const { address } = connection.peer;
    connection.outbox.discard();
    connection.close(TRY_AGAIN_LATER, 'Client does not read');
    this.dependencies.events.publish('server.client_stalled', {
      address,
      frames: pendingFrames,
      description: `Client ${address} did not read and was disconnected`,
    });
  }
}

/** It came in time; that it has to wait for its turn is no fault of the client's. */
function isLoggingIn({ loginInProgress }: Connection): boolean {
  return loginInProgress !== null;
}
