import type { SystemLogMessage } from '../schemas/system-log-message.schema.js';
import type { LogBatch } from './log-batch.js';

/** An open log that stands behind its last line: it tells only what is written from now on. */
export interface LogReader {
  /** Where it reads, for the log of the server. */
  readonly place: string;
  readonly source: SystemLogMessage['source'];
  /** Adds what was written since the last time. Throws when the log cannot be followed further. */
  read(batch: LogBatch): void | Promise<void>;
  close(): void | Promise<void>;
}
