import {
  appendFileSync,
  chmodSync,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { PastLines } from '../editor/index.js';

/** A line of so many characters is a file that somebody pasted: nobody looks for it in the history. */
const MAX_LINE = 65_536;
/** More than this is not read, whatever lies there. */
const MAX_BYTES = 64 * 1_024 * 1_024;
/** The file is made shorter when it has so many times the lines that are wanted. */
const SLACK = 2;

/** Where the history of this user lies; null where there is no home. */
export function historyPath({ XDG_STATE_HOME: folder, HOME: home }: NodeJS.ProcessEnv) {
  const base = folder !== undefined && folder !== '' ? folder : home && join(home, '.local/state');
  return base === undefined || base === '' ? null : join(base, 'dispatcher/history');
}

/**
 * Lines that were typed, in a file that all shells of a user share: each appends what it has and reads what others have
 * appended. A file that cannot be written or read is none: then the lines are those of this shell.
 */
export class HistoryFile implements PastLines {
  #lines: string[] = [];
  /** Up to here the file is known. */
  #known = 0;
  #file = -1;
  #inFile = 0;

  /** @param size - lines that are kept; 0 keeps none in the file */
  constructor(
    private readonly path: string | null,
    private readonly size: number,
  ) {
    this.update();
    if (this.#inFile > size * SLACK) this.#compact();
    this.#lines = this.#lines.slice(-size);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Reads what other shells have appended since. */
  update(): void {
    if (this.path === null || this.size === 0) return;
    try {
      this.#read(this.path);
    } catch {
      // there is none, or it is not ours to read
    }
  }

  /** Keeps a line, unless the one before was the same. */
  add(line: string): void {
    if (line.length > MAX_LINE) return;
    this.update();
    if (this.#lines.at(-1) === line) return;
    if (this.path === null || this.size === 0) {
      this.#push([line]);
      return;
    }
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      appendFileSync(this.path, `${encoded(line)}\n`, { mode: 0o600 });
      chmodSync(this.path, 0o600);
      this.update();
    } catch {
      this.#push([line]);
    }
  }

  #read(path: string): void {
    const file = openSync(path, 'r');
    try {
      const { size, ino, isFile } = statOf(file);
      if (!isFile) return;
      // another shell has written it anew, and shorter
      if (ino !== this.#file || size < this.#known) {
        this.#lines = [];
        this.#known = Math.max(0, size - MAX_BYTES);
        this.#file = ino;
        this.#inFile = 0;
      }
      const bytes = Buffer.alloc(Math.min(size - this.#known, MAX_BYTES));
      const count = readSync(file, bytes, 0, bytes.length, this.#known);
      // a line that somebody is writing just now is read when it is whole
      const end = bytes.subarray(0, count).lastIndexOf(0x0a) + 1;
      this.#known += end;
      const text = bytes.subarray(0, end).toString('utf8');
      const lines = text.split('\n').filter((line) => line !== '');
      this.#inFile += lines.length;
      this.#push(lines.map(decoded));
    } finally {
      closeSync(file);
    }
  }

  #push(lines: readonly string[]): void {
    for (const line of lines) this.#lines.push(line);
    if (this.#lines.length > this.size * SLACK + 1) this.#lines = this.#lines.slice(-this.size);
  }

  #compact(): void {
    if (this.path === null) return;
    const text = this.#lines.slice(-this.size).map((line) => `${encoded(line)}\n`);
    try {
      const draft = `${this.path}.${process.pid}`;
      writeFileSync(draft, text.join(''), { mode: 0o600 });
      renameSync(draft, this.path);
      this.update();
    } catch {
      // it stays long
    }
  }
}

function statOf(file: number) {
  const stat = fstatSync(file);
  return { size: stat.size, ino: stat.ino, isFile: stat.isFile() };
}

/** One line of the file for one of the shell, which may have several. */
const encoded = (line: string): string =>
  line
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`);

const decoded = (line: string): string =>
  line.replaceAll(/\\([\\nr])/g, (_, letter: string) =>
    letter === 'n' ? '\n' : letter === 'r' ? '\r' : '\\',
  );
