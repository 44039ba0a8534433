import { close, constants, open, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type KmsgRecord, parseKmsg } from './kmsg-record.js';
import type { LogBatch } from './log-batch.js';
import type { LogReader } from './log.reader.js';

const PATH = '/dev/kmsg';
/** The kernel's limit for one record; a smaller buffer is refused. */
const RECORD_BYTES = 8192;
/** About a quarter of a millisecond, after which others have their turn. */
const READS_A_TURN = 128;
/** A log that is written faster than it is read is left for the next time. */
const MAX_TURNS = 128;

const openFile = promisify(open);
const closeFile = promisify(close);

/**
 * The kernel's log. Each read gives one record, or none at all without waiting: a read that waits
 * could not be interrupted and would hold one of the few threads that all file access shares.
 */
export class KmsgReader implements LogReader {
  readonly source = 'kmsg';
  readonly place = PATH;
  readonly #buffer = Buffer.alloc(RECORD_BYTES);
  #next: number | undefined;

  private constructor(private readonly file: number) {}

  /** Null where there is no kernel log, or this user may not read it. */
  static async open(): Promise<KmsgReader | null> {
    const file = await openFile(PATH, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => null);
    if (file === null) return null;
    const reader = new KmsgReader(file);
    try {
      await reader.#each(Infinity, () => undefined);
      return reader;
    } catch {
      await closeFile(file);
      return null;
    }
  }

  async read(batch: LogBatch): Promise<void> {
    await this.#each(MAX_TURNS, (text) => {
      const record = parseKmsg(text);
      if (record === null) return;
      // Numbers that are missing were overwritten before they could be read
      batch.drop(record.sequence - (this.#next ?? record.sequence));
      this.#next = record.sequence + 1;
      batch.add(withTime(record));
    });
  }

  async close(): Promise<void> {
    await closeFile(this.file);
  }

  async #each(maxTurns: number, take: (text: string) => void): Promise<void> {
    for (let turn = 0; turn < maxTurns; turn += 1) {
      for (let count = 0; count < READS_A_TURN; count += 1) {
        const text = this.#record();
        if (text === null) return;
        take(text);
      }
      await nextTurn();
    }
  }

  /** The next record as text, empty when it was overwritten; null when there is none yet. */
  #record(): string | null {
    try {
      const length = readSync(this.file, this.#buffer);
      return this.#buffer.toString('utf8', 0, length);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') return null;
      if (code === 'EPIPE') return '';
      throw error;
    }
  }
}

/** The kernel's clock is the one that Node measures with; both stand still while a machine sleeps. */
function withTime({ uptimeMicros, ...record }: KmsgRecord) {
  const ageMs = Number(process.hrtime.bigint() / 1000n - BigInt(uptimeMicros)) / 1000;
  return { ...record, timestamp: new Date(Date.now() - Math.max(0, ageMs)) };
}
