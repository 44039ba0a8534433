import { beforeEach, describe, expect, it, vi } from 'vitest';
import { TokenStore } from '../../auth/index.js';
import type { Connection } from './connection.js';
import { SessionTimeouts } from './session-timeouts.js';

/** The parts of a connection that are looked at; everything that is done to it is a mock. */
function fakeConnection(overrides: object = {}) {
  return {
    isLoggedIn: false,
    isLoggingIn: false,
    tokenKey: null as string | null,
    peer: { isLoopback: false },
    socket: { openedAtMs: 0, lastSeenMs: 0 },
    close: vi.fn(),
    logout: vi.fn(),
    ...overrides,
  };
}

const TIMES = { loginTimeoutMs: 10_000, idleLogoutMs: 600_000 };
let timeouts: SessionTimeouts;
const check = (connection: ReturnType<typeof fakeConnection>, nowMs: number): void =>
  timeouts.check(connection as unknown as Connection, nowMs);

beforeEach(() => {
  const tokens = new TokenStore({
    nowMs: () => 0,
    lifetimeMs: 600_000,
    refresh: (principal) => principal,
  });
  timeouts = new SessionTimeouts(tokens, TIMES);
});

describe('the timeouts of sessions', () => {
  it('let go of who has not logged in after the time, but not of a local peer', () => {
    const connection = fakeConnection();
    const local = fakeConnection({ peer: { isLoopback: true } });
    check(connection, 10_000);
    expect(connection.close).not.toHaveBeenCalled();
    check(connection, 10_001);
    check(local, 10_001);
    expect(connection.close).toHaveBeenCalledWith(4_008, expect.any(String));
    expect(local.close).not.toHaveBeenCalled();
  });

  it('do not hold it against a client that its login takes long', () => {
    const connection = fakeConnection({ isLoggingIn: true });
    check(connection, 300_000);
    expect(connection.close).not.toHaveBeenCalled();
  });

  it('log out who has been silent for the life of a token', () => {
    const connection = fakeConnection({
      isLoggedIn: true,
      tokenKey: 'key',
      socket: { openedAtMs: 0, lastSeenMs: 1_000 },
    });
    check(connection, 601_999);
    expect(connection.logout).not.toHaveBeenCalled();
    check(connection, 602_000);
    expect(connection.logout).toHaveBeenCalledWith('Logged out due to inactivity period');
  });
});
