import type { Wire } from './wire.js';

export interface HeartbeatHandlers {
  ping(wire: Wire, onAnswer: () => void): void;
  onSilence(wire: Wire): void;
}

/**
 * Finds out that a server is gone although no socket says so: a browser hides the pings of WebSocket
 * itself, and a cable that was pulled says nothing. It asks whatever else comes: a login that only
 * receives is idle for the server, and would end.
 */
export class Heartbeat {
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param intervalMs - null: never */
  constructor(
    private readonly intervalMs: number | null,
    private readonly handlers: HeartbeatHandlers,
  ) {}

  /** @param lifetimeSeconds - for how long a login lasts that says nothing; null: as long as it likes */
  start(wire: Wire, lifetimeSeconds: number | null = null): void {
    this.stop();
    if (this.intervalMs === null) return;
    let seen = 0;
    let isAsking = false;
    const ask = (): void => {
      const isSilent = isAsking && wire.receivedMessages === seen;
      seen = wire.receivedMessages;
      if (isSilent) this.handlers.onSilence(wire);
      else if (!isAsking) {
        isAsking = true;
        this.handlers.ping(wire, () => (isAsking = false));
      }
    };
    this.#timer = setInterval(ask, Math.min(this.intervalMs, (lifetimeSeconds ?? Infinity) * 333));
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
