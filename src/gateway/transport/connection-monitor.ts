import { CLOCK_STEP_MS, type CoarseClock } from './coarse-clock.js';
import type { ConnectionHandler, SocketOwner } from './connection-handler.js';

const TRY_AGAIN_LATER = 1_013;
/** A look that comes so long after the one before says something of this process, not of the clients. */
const LATE_MS = 2_500;

/** What the monitor needs of the hub. */
export interface Monitored<C extends SocketOwner> {
  readonly clock: CoarseClock;
  readonly connections: Iterable<C>;
  readonly handler: Pick<ConnectionHandler<C>, 'onTick' | 'onStalled'>;
}

/**
 * Looks at every connection once a second: who does not answer or does not read is let go of, and what
 * else there is to look after is its handler's. One loop instead of timers per connection.
 */
export class ConnectionMonitor<C extends SocketOwner> {
  #nextHeartbeatMs = 0;

  constructor(
    private readonly hub: Monitored<C>,
    private readonly options: { readonly heartbeatMs: number },
  ) {}

  /** Returns whether it was the look of a heartbeat. */
  tick(nowMs: number): boolean {
    // who was not looked at for so long has not heard the pongs either, which wait in the sockets
    const isLate = this.hub.clock.tick(nowMs) > LATE_MS;
    if (isLate) this.#nextHeartbeatMs = Math.max(this.#nextHeartbeatMs, nowMs + CLOCK_STEP_MS);
    const isHeartbeat = nowMs >= this.#nextHeartbeatMs;
    if (isHeartbeat) this.#nextHeartbeatMs = nowMs + this.options.heartbeatMs;
    for (const connection of this.hub.connections) {
      const { socket } = connection;
      if (!socket.isOpen) continue; // `ws` ends closings that take too long
      const pulse = isHeartbeat ? socket.beat() : 'alive';
      if (pulse === 'gone') socket.terminate();
      else if (pulse === 'stalled' || socket.outbox.isOverLimit(nowMs)) this.#drop(connection);
      else this.hub.handler.onTick(connection, nowMs);
    }
    return isHeartbeat;
  }

  #drop(connection: C): void {
    const { socket } = connection;
    const { pendingFrames } = socket.outbox;
    socket.outbox.discard();
    socket.close(TRY_AGAIN_LATER, 'Client does not read');
    this.hub.handler.onStalled(connection, pendingFrames);
  }
}
