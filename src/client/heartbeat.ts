import type { Wire } from './wire.js';

export interface HeartbeatHandlers {
  ping(wire: Wire, onAnswer: () => void): void;
  onSilence(wire: Wire): void;
}

/**
 * Finds out that a server is gone although no socket says so: a browser hides the pings of WebSocket
 * itself, and a cable that was pulled says nothing. Asks only when nothing came for an interval.
 */
export class Heartbeat {
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param intervalMs - null: never */
  constructor(
    private readonly intervalMs: number | null,
    private readonly handlers: HeartbeatHandlers,
  ) {}

  start(wire: Wire): void {
    this.stop();
    if (this.intervalMs === null) return;
    let seen = wire.receivedMessages;
    let isAsking = false;
    this.#timer = setInterval(() => {
      const isSilent = wire.receivedMessages === seen;
      seen = wire.receivedMessages;
      if (!isSilent) return;
      if (isAsking) {
        this.handlers.onSilence(wire);
        return;
      }
      isAsking = true;
      this.handlers.ping(wire, () => (isAsking = false));
    }, this.intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
