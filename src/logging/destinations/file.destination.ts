import { closeSync, openSync, writeSync } from 'node:fs';
import type { LogDestination, TellTrouble } from './log-destination.js';

/** Plugins log what they see of the system: nobody else's to read. */
const MODE = 0o640;

/** Appends each line to a file at once: what was logged before a crash is there. */
export class FileDestination implements LogDestination {
  #fd: number;
  #lost = 0;

  /** @throws Error of the file system when the file cannot be opened */
  constructor(
    private readonly path: string,
    private readonly tellTrouble: TellTrouble,
  ) {
    this.#fd = openSync(path, 'a', MODE);
  }

  write(line: string): void {
    try {
      this.#append(line);
      if (this.#lost > 0) this.#append(lossLine(this.#lost));
      this.#lost = 0;
    } catch (error) {
      // a full disk costs lines, never the server; it is said once for each time that it happens
      if (this.#lost === 0) {
        this.tellTrouble(`Cannot write to the log ${this.path}: ${(error as Error).message}`);
      }
      this.#lost += 1;
    }
  }

  /** After the file was moved away; if the new one cannot be opened, the old one is written on. */
  reopen(): void {
    try {
      const opened = openSync(this.path, 'a', MODE);
      closeSync(this.#fd);
      this.#fd = opened;
    } catch (error) {
      const reason = (error as Error).message;
      this.tellTrouble(`Cannot open the log ${this.path} again, the old file is kept: ${reason}`);
    }
  }

  flushSync(): void {
    // nothing is ever kept back
  }

  #append(line: string): void {
    const bytes = Buffer.from(line);
    for (let done = 0; done < bytes.length;) done += writeSync(this.#fd, bytes, done);
  }
}

function lossLine(count: number): string {
  const msg = `${count} lines of the log were lost because they could not be written`;
  const time = new Date().toISOString();
  return `${JSON.stringify({ level: 'warn', time, component: 'server', msg })}\n`;
}
