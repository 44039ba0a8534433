import type { SystemLogMessage } from '../schemas/system-log-message.schema.js';

/** A line of a log, before it is known which log it is. */
export type LogRecord = Omit<SystemLogMessage, 'source' | 'dropped'>;

/**
 * What was read since the last time, up to a limit; of the rest only the number is kept. A program
 * that floods the log must not flood everybody who watches it.
 */
export class LogBatch {
  #records: LogRecord[] = [];
  #dropped = 0;

  constructor(private readonly limit: number) {}

  /** Readers that know it need not parse what is dropped anyway. */
  get isFull(): boolean {
    return this.#records.length >= this.limit;
  }

  add(record: LogRecord): void {
    if (this.isFull) this.#dropped += 1;
    else this.#records.push(record);
  }

  drop(count: number): void {
    this.#dropped += count;
  }

  take(): { readonly records: readonly LogRecord[]; readonly dropped: number } {
    const taken = { records: this.#records, dropped: this.#dropped };
    this.#records = [];
    this.#dropped = 0;
    return taken;
  }
}
