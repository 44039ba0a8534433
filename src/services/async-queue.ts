import type { LogRecord } from '../wire/index.js';

/** A reader that is slower than the log loses lines, not the server its memory. */
const MAX_WAITING = 2_000;

/** Lines on their way to one reader; what it cannot take in time is counted and said. */
export class AsyncQueue {
  #waiting: LogRecord[] = [];
  #left = 0;
  #wake: () => void = () => undefined;

  constructor(private readonly stop: AbortSignal) {}

  push(line: LogRecord): void {
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push(line);
    else this.#left += 1;
    this.#wake();
  }

  /** Ends when the reader is no longer wanted. */
  async *lines(): AsyncGenerator<LogRecord> {
    while (!this.stop.aborted) {
      const lines = this.#waiting;
      this.#waiting = [];
      yield* lines;
      if (this.#left > 0) yield this.#notice();
      if (this.#waiting.length === 0) await this.#next();
    }
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.stop.removeEventListener('abort', done);
        this.#wake = () => undefined;
        resolve();
      };
      this.#wake = done;
      this.stop.addEventListener('abort', done);
      if (this.stop.aborted) done();
    });
  }

  #notice(): LogRecord {
    const message = `${this.#left} lines were left out: they came faster than they were read`;
    this.#left = 0;
    const time = new Date().toISOString();
    return { time, level: 'warn', component: 'log', message, fields: {} };
  }
}
