import { AsyncQueue, onAbort } from '../common/index.js';
import type { LogRecord } from '../wire/index.js';

/** A reader that is slower than the log loses lines, not the server its memory. */
const MAX_WAITING = 2_000;

/** Lines on their way to one reader; what it cannot take in time is counted and said. */
export class LogReader {
  readonly #waiting = new AsyncQueue<LogRecord>(MAX_WAITING);
  #left = 0;

  constructor(private readonly stop: AbortSignal) {}

  push(line: LogRecord): void {
    if (!this.#waiting.push(line)) this.#left += 1;
  }

  /** Ends when the reader is no longer wanted. */
  async *lines(): AsyncGenerator<LogRecord> {
    const forget = onAbort(this.stop, () => this.#waiting.end());
    try {
      while (!this.stop.aborted) {
        yield* await this.#waiting.take();
        if (this.#left > 0) yield this.#notice();
      }
    } finally {
      forget();
    }
  }

  #notice(): LogRecord {
    const message = `${this.#left} lines were left out: they came faster than they were read`;
    this.#left = 0;
    const time = new Date().toISOString();
    return { time, level: 'warn', component: 'log', message, fields: {} };
  }
}
