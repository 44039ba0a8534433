import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../events/index.js';

interface Timer {
  readonly dueMs: number;
  readonly action: () => void;
}

/**
 * A clock that goes only when it is told to, for code that takes its time from a {@link Clock} port.
 *
 * @example
 * const clock = new VirtualClock();
 * clock.after(60_000, () => reload());
 * await clock.advance(60_000); // reload was called, in no time
 */
export class VirtualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #nowMs = 0;

  /** Milliseconds that the clock was advanced by, all in all. */
  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), action };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** The times at which timers are due, the next first: none left, and nothing was forgotten. */
  get pending(): readonly number[] {
    return Array.from(this.#timers, ({ dueMs }) => dueMs).sort((a, b) => a - b);
  }

  /**
   * Lets time pass. Timers fire in order, each at its own time; what follows from one, and awaits no
   * more than promises, is done before the next fires. So a timer that is set anew counts too.
   */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#nowMs + byMs;
    await nextTurn();
    for (let timer = this.#next(endMs); timer !== undefined; timer = this.#next(endMs)) {
      this.#timers.delete(timer);
      this.#nowMs = timer.dueMs;
      timer.action();
      await nextTurn();
    }
    this.#nowMs = endMs;
  }

  #next(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= untilMs && timer.dueMs < (next?.dueMs ?? Infinity)) next = timer;
    }
    return next;
  }
}
