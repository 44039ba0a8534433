import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { LogDestination, TellTrouble } from './log-destination.js';

/** Lines kept while nobody takes them from the pipe: whoever reads may only be slow. */
const KEPT_LINES = 2_000;
const RETRY_MS = 200;
/** How long the end of the process waits for a reader. */
const FAREWELL_MS = 500;
const PAUSE_MS = 10;
const STDERR = 2;

/**
 * Writes each line to standard error, at once. What is behind it is somebody else's and may be
 * full, slow or gone: that costs lines, of which a line tells later, never the server. To a reader
 * that is slow they are written as it takes them.
 */
export class ConsoleDestination implements LogDestination {
  readonly #waiting: Buffer[] = [];
  #lost = 0;
  #isTroubled = false;
  #retry: NodeJS.Timeout | null = null;

  constructor(
    private readonly fd: number,
    private readonly tellTrouble: TellTrouble,
  ) {}

  static open(tellTrouble: TellTrouble): ConsoleDestination {
    return new ConsoleDestination(withoutWaiting(STDERR), tellTrouble);
  }

  write(line: string): void {
    this.#keep(Buffer.from(line));
    this.#drain();
  }

  reopen(): void {
    // whoever started the server has opened it
  }

  flushSync(): void {
    const deadline = performance.now() + FAREWELL_MS;
    this.#drain();
    while (this.#waiting.length > 0 && performance.now() < deadline) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
      this.#drain();
    }
  }

  #keep(line: Buffer): void {
    if (this.#waiting.length < KEPT_LINES) this.#waiting.push(line);
    else this.#lost += 1;
  }

  #drain(): void {
    try {
      this.#writeWaiting();
      this.#isTroubled = false;
      if (this.#lost === 0) return;
      this.#waiting.push(Buffer.from(lossLine(this.#lost)));
      this.#lost = 0;
      this.#writeWaiting();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') this.#drainLater();
      else this.#lose(error as Error);
    }
  }

  #writeWaiting(): void {
    for (let [line] = this.#waiting; line !== undefined; [line] = this.#waiting) {
      const done = writeSync(this.fd, line);
      if (done < line.length) this.#waiting[0] = line.subarray(done);
      else this.#waiting.shift();
    }
  }

  #drainLater(): void {
    if (this.#retry !== null) return;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.#drain();
    }, RETRY_MS).unref();
  }

  #lose(error: Error): void {
    this.#lost += this.#waiting.length;
    this.#waiting.length = 0;
    if (this.#isTroubled) return;
    this.#isTroubled = true;
    this.tellTrouble(`Cannot write the log to standard error: ${error.message}`);
  }
}

/**
 * A descriptor for the same pipe that refuses what the pipe has no room for: to the given one a
 * write would wait for the reader, and with it the server. The pipe's own setting is not touched,
 * which others share.
 */
function withoutWaiting(fd: number): number {
  try {
    if (!fstatSync(fd).isFIFO()) return fd;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return fd; // a system without /proc, or a pipe that was another user's
  }
}

function lossLine(count: number): string {
  const msg = `${count} lines of the log were lost while standard error could not be written`;
  const time = new Date().toISOString();
  return `${JSON.stringify({ level: 'warn', time, component: 'server', msg })}\n`;
}
