interface Waiter {
  readonly isDone: () => boolean;
  readonly end: () => void;
}

/** Those who wait until this node has come so far, each for a limited time. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();

  /**
   * Resolves when `isDone` says so at a {@link check}, or the time is over. It does so in a turn of its own,
   * in which nothing is read from a socket.
   */
  until(isDone: () => boolean, timeoutMs: number): Promise<void> {
    if (isDone()) return Promise.resolve();
    return new Promise((resolve) => {
      const waiter = {
        isDone,
        end: () => {
          clearTimeout(timer);
          this.#waiting.delete(waiter);
          setImmediate(resolve);
        },
      };
      const timer = setTimeout(waiter.end, timeoutMs);
      this.#waiting.add(waiter);
    });
  }

  check(): void {
    for (const { isDone, end } of [...this.#waiting]) if (isDone()) end();
  }

  endAll(): void {
    for (const { end } of [...this.#waiting]) end();
  }
}
