import type { TokenStore } from '../../auth/index.js';
import { CLOCK_STEP_MS } from '../transport/index.js';
import { CloseCode, type Connection } from './connection.js';

export interface SessionTimeoutsOptions {
  readonly loginTimeoutMs: number;
  /** How long a logged-in user's connection may be silent: the lifetime of its token. */
  readonly idleLogoutMs: number;
}

/** Lets go of who does not log in, and of who has been idle past its token's life. */
export class SessionTimeouts {
  constructor(
    private readonly tokens: TokenStore,
    private readonly options: SessionTimeoutsOptions,
  ) {}

  check(connection: Connection, nowMs: number): void {
    const { tokenKey, socket, peer } = connection;
    if (tokenKey !== null) {
      this.tokens.touch(tokenKey, socket.lastSeenMs + CLOCK_STEP_MS);
      if (nowMs - socket.lastSeenMs >= this.options.idleLogoutMs + CLOCK_STEP_MS) {
        connection.logout('Logged out due to inactivity period');
      }
    } else if (!connection.isLoggedIn && !peer.isLoopback && !connection.isLoggingIn) {
      if (nowMs - socket.openedAtMs > this.options.loginTimeoutMs) {
        connection.close(CloseCode.loginTimeout, 'No login in time');
      }
    }
  }
}
