import { beforeEach, describe, expect, it, vi } from 'vitest';
import { TokenStore } from '../auth/index.js';
import type { EventRouter } from '../events/index.js';
import { ConnectionMonitor } from './connection-monitor.js';
import type { WebSocketHub } from './websocket-hub.js';

const options = { heartbeatMs: 30_000, loginTimeoutMs: 10_000, idleLogoutMs: 600_000 };

/** The parts of a connection that the monitor looks at; everything it does is a mock. */
function fakeConnection(overrides: object = {}) {
  return {
    isOpen: true,
    isAlive: true,
    isLoggedIn: false,
    loginInProgress: null as AbortController | null,
    tokenKey: null as string | null,
    openedAtMs: 0,
    lastSeenMs: 0,
    isReadingPaused: false,
    silentHeartbeats: 0,
    sentBytesAtHeartbeat: 0,
    peer: { address: '10.0.0.9,1', isLoopback: false },
    outbox: {
      sentBytes: 0,
      isCongested: false,
      pendingFrames: 7,
      isOverLimit: () => false,
      discard: vi.fn(),
    },
    webSocket: { ping: vi.fn(), terminate: vi.fn() },
    close: vi.fn(),
    logout: vi.fn(),
    ...overrides,
  };
}

type Fake = ReturnType<typeof fakeConnection>;

let publish: ReturnType<typeof vi.fn>;

function monitorOf(...connections: Fake[]): ConnectionMonitor {
  const hub = { connections: new Set(connections), nowMs: 0, options: { limits: { outbox: {} } } };
  publish = vi.fn();
  return new ConnectionMonitor(
    hub as unknown as WebSocketHub,
    {
      tokens: new TokenStore({
        nowMs: () => 0,
        lifetimeMs: 600_000,
        refresh: (principal) => principal,
      }),
      events: { publish } as unknown as EventRouter,
    },
    options,
  );
}

/** As time goes by: a look each second, from just behind one time up to another. */
function run(monitor: ConnectionMonitor, fromMs: number, toMs: number): void {
  for (let now = fromMs + 1_000; now <= toMs; now += 1_000) monitor.tick(now);
}

let connection: Fake;
beforeEach(() => {
  connection = fakeConnection();
});

describe('the monitor of connections', () => {
  it('lets go of who has not logged in after the time, but not of a local peer', () => {
    const local = fakeConnection({ peer: { address: '127.0.0.1,1', isLoopback: true } });
    const monitor = monitorOf(connection, local);
    monitor.tick(10_000);
    expect(connection.close).not.toHaveBeenCalled();
    monitor.tick(10_001);
    expect(connection.close).toHaveBeenCalledWith(4_008, expect.any(String));
    expect(local.close).not.toHaveBeenCalled();
  });

  it('logs out who has been silent for the life of a token', () => {
    connection = fakeConnection({ isLoggedIn: true, tokenKey: 'key', lastSeenMs: 1_000 });
    const monitor = monitorOf(connection);
    monitor.tick(601_999);
    expect(connection.logout).not.toHaveBeenCalled();
    monitor.tick(602_000);
    expect(connection.logout).toHaveBeenCalledWith('Logged out due to inactivity period');
  });

  it('cuts off who answers no ping', () => {
    const monitor = monitorOf(connection);
    monitor.tick(0);
    expect(connection.webSocket.ping).toHaveBeenCalledOnce();
    run(monitor, 0, 29_000);
    expect(connection.webSocket.terminate).not.toHaveBeenCalled();
    monitor.tick(30_000);
    expect(connection.webSocket.terminate).toHaveBeenCalledOnce();
  });

  it('T7: judges nobody whom the server itself does not read, but who takes nothing for very long is let go of', () => {
    const held = fakeConnection({ isReadingPaused: true, loginInProgress: new AbortController() });
    const stalled = fakeConnection({ isReadingPaused: true, isLoggedIn: true });
    const slow = fakeConnection({ isReadingPaused: true, isLoggedIn: true });
    for (const { outbox } of [stalled, slow]) outbox.isCongested = true;
    const monitor = monitorOf(held, stalled, slow);
    for (let now = 0; now < 300_000; now += 1_000) {
      slow.outbox.sentBytes += 1;
      monitor.tick(now);
    }
    for (const { webSocket } of [held, stalled, slow])
      expect(webSocket.terminate).not.toHaveBeenCalled();
    for (const { close } of [held, slow]) expect(close).not.toHaveBeenCalled();
    expect(stalled.close).toHaveBeenCalledWith(1_013, expect.any(String));
  });

  it('T7: judges nobody right after the process stood still, for the pongs lie in the sockets', () => {
    const monitor = monitorOf(connection);
    monitor.tick(0);
    monitor.tick(90_000);
    expect(connection.webSocket.terminate).not.toHaveBeenCalled();
    connection.isAlive = true;
    monitor.tick(91_000);
    expect(connection.webSocket.terminate).not.toHaveBeenCalled();
    run(monitor, 91_000, 121_000);
    expect(connection.webSocket.terminate).toHaveBeenCalledOnce();
  });

  it('says 1013 to who does not read, and tells of it', () => {
    connection.outbox.isOverLimit = () => true;
    const monitor = monitorOf(connection);
    monitor.tick(1_000);
    expect(connection.outbox.discard).toHaveBeenCalledOnce();
    expect(connection.close).toHaveBeenCalledWith(1_013, expect.any(String));
    expect(publish).toHaveBeenCalledWith(
      'server.client_stalled',
      expect.objectContaining({ frames: 7 }),
    );
  });
});
