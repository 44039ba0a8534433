import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { GatewaySocket } from './gateway-socket.js';
import { CoarseClock } from './coarse-clock.js';
import { ConnectionMonitor } from './connection-monitor.js';
import { OutboxFlusher } from './outbox.js';
import type { Peer } from './peer.js';
import { TurnClock } from './turn-clock.js';
import type { ServerWebSocket } from './web-socket.js';

const limits = { frames: 3, bytes: 1_000, graceMs: 0 };
const endOfTick = () => new Promise((resolve) => setImmediate(resolve));

/** A client at the other end of a socket that takes nothing; everything done to its WebSocket is a mock. */
class Client {
  readonly isLoggedIn = false;
  readonly webSocket = Object.assign(new EventEmitter(), {
    isOpen: true,
    isPaused: false,
    pause: vi.fn(),
    resume: vi.fn(),
    ping: vi.fn(),
    terminate: vi.fn(),
    close: vi.fn(),
  });
  /** Grows when the client takes something. */
  readonly wire = Object.assign(
    new Duplex({ highWaterMark: 100, read: () => undefined, write: () => undefined }),
    { bytesWritten: 0 },
  );
  readonly socket = new GatewaySocket(
    {
      webSocket: this.webSocket as unknown as ServerWebSocket,
      socket: this.wire,
      endReading: () => undefined,
      peer: { address: '10.0.0.9,1' } as Peer,
      clock: new CoarseClock(),
      outbox: { flusher: new OutboxFlusher(), limits },
      intake: { turns: new TurnClock(), framesPerTurn: 100, hasFastPath: true },
    },
    { onMessage: () => undefined, onClose: () => undefined, bounds: vi.fn() },
  );

  /** As one that has been sent more than it takes: the server reads it no further. */
  async congest(): Promise<void> {
    this.socket.outbox.push('x'.repeat(200));
    await endOfTick();
    this.wire.bytesWritten = this.wire.writableLength; // none of it has left
  }
}

const onTick = vi.fn();
const onStalled = vi.fn();
let client: Client;

function monitorOf(...connections: Client[]): ConnectionMonitor<Client> {
  const hub = { clock: new CoarseClock(), connections, handler: { onTick, onStalled } };
  return new ConnectionMonitor<Client>(hub, { heartbeatMs: 30_000 });
}

/** As time goes by: a look each second, from just behind one time up to another. */
function run(monitor: ConnectionMonitor<Client>, fromMs: number, toMs: number): void {
  for (let now = fromMs + 1_000; now <= toMs; now += 1_000) monitor.tick(now);
}

beforeEach(() => {
  vi.clearAllMocks();
  client = new Client();
});

describe('the monitor of connections', () => {
  it('cuts off who answers no ping', () => {
    const monitor = monitorOf(client);
    monitor.tick(0);
    expect(client.webSocket.ping).toHaveBeenCalledOnce();
    run(monitor, 0, 29_000);
    expect(client.webSocket.terminate).not.toHaveBeenCalled();
    monitor.tick(30_000);
    expect(client.webSocket.terminate).toHaveBeenCalledOnce();
  });

  it.each(['pong', 'data'])('lets stay who is heard of between two pings by %s', (what) => {
    const monitor = monitorOf(client);
    monitor.tick(0);
    if (what === 'pong') client.webSocket.emit('pong');
    else client.wire.emit('data', Buffer.alloc(0));
    run(monitor, 0, 30_000);
    expect(client.webSocket.terminate).not.toHaveBeenCalled();
    expect(client.webSocket.ping).toHaveBeenCalledTimes(2);
  });

  it('T7: judges nobody whom the server itself does not read, but who takes nothing for very long is let go of', async () => {
    const [held, stalled, slow] = [new Client(), new Client(), new Client()];
    void held.socket.holdBackFor(new Promise<void>(() => undefined));
    for (const each of [stalled, slow]) await each.congest();
    const monitor = monitorOf(held, stalled, slow);
    for (let now = 0; now < 300_000; now += 1_000) {
      slow.wire.bytesWritten += 1;
      monitor.tick(now);
    }
    for (const { webSocket } of [held, stalled, slow])
      expect(webSocket.terminate).not.toHaveBeenCalled();
    for (const { webSocket } of [held, slow]) expect(webSocket.close).not.toHaveBeenCalled();
    expect(stalled.webSocket.close).toHaveBeenCalledWith(1_013, expect.any(String));
  });

  it('T7: judges nobody right after the process stood still, for the pongs lie in the sockets', () => {
    const monitor = monitorOf(client);
    monitor.tick(0);
    monitor.tick(90_000);
    expect(client.webSocket.terminate).not.toHaveBeenCalled();
    client.webSocket.emit('pong');
    monitor.tick(91_000);
    expect(client.webSocket.terminate).not.toHaveBeenCalled();
    run(monitor, 91_000, 121_000);
    expect(client.webSocket.terminate).toHaveBeenCalledOnce();
  });

  it('says 1013 to who does not read, and tells of it', async () => {
    await client.congest();
    for (let i = 0; i < 7; i += 1) client.socket.outbox.push('y');
    const pending = client.socket.outbox.pendingFrames;
    const monitor = monitorOf(client);
    monitor.tick(1_000);
    expect(pending).toBeGreaterThan(limits.frames);
    expect(client.socket.outbox.pendingFrames).toBeLessThan(pending);
    expect(client.webSocket.close).toHaveBeenCalledWith(1_013, expect.any(String));
    expect(onStalled).toHaveBeenCalledWith(client, pending);
    expect(onTick).not.toHaveBeenCalled();
  });

  it('leaves the rest to the handler: each that is open and well, once a look', () => {
    const closed = new Client();
    closed.webSocket.isOpen = false;
    const monitor = monitorOf(client, closed);
    monitor.tick(1_000);
    expect(onTick.mock.calls).toEqual([[client, 1_000]]);
  });

  it('says which looks are heartbeats', () => {
    const monitor = monitorOf();
    expect([0, 1_000, 29_000, 30_000].map((now) => monitor.tick(now))).toEqual([
      true,
      false,
      // so long after the one before that nobody can be judged yet
      false,
      true,
    ]);
  });
});
