import { constants } from 'node:fs';
import { open, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { readExtended, isRecord, stringifyExtended } from '../../common/index.js';
import { isCode } from '../commit/index.js';
import type { GenerationReport } from '../model/index.js';

const PRIVATE_FILE = 0o600;
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;
const MAX_KEPT = 500;
/** Of the text of all that are kept: a report of ten thousand files has more than a megabyte. */
const MAX_CHARACTERS = 8 * 1024 * 1024;

interface Kept {
  readonly report: GenerationReport;
  readonly characters: number;
}

/**
 * The latest reports, over restarts: lines of JSON in the folder for state. Not brought to the disk at once: what a
 * crash of the machine takes is the memory of the last generations, and nothing that anything depends on.
 */
export class ReportLog {
  readonly #kept: Kept[] = [];
  #characters = 0;
  /** In the file, those that are not kept any more included. */
  #written = 0;
  #path: string | null = null;
  #writing: Promise<void> = Promise.resolve();

  /** @param onFailure - told when reports cannot be written; they are kept in memory then */
  constructor(private readonly onFailure: (error: unknown) => void = () => undefined) {}

  get all(): readonly GenerationReport[] {
    return this.#kept.map(({ report }) => report);
  }

  /** Reads those of before; from then on new ones are written. Never rejects. */
  async open(stateDirectory: string): Promise<void> {
    this.#path = join(stateDirectory, 'reports');
    try {
      for (const line of (await readFile(this.#path, 'utf8')).split('\n')) this.#take(line);
    } catch (error) {
      if (!isCode(error, 'ENOENT')) this.onFailure(error);
    }
    this.#writing = this.#attempt(() => this.#rewrite());
    await this.#writing;
  }

  add(report: GenerationReport): void {
    const line = stringifyExtended(report);
    this.#keep({ report, characters: line.length });
    if (this.#path === null) return;
    this.#writing = this.#writing.then(() =>
      this.#attempt(() =>
        this.#written > 2 * MAX_CHARACTERS ? this.#rewrite() : this.#append(`${line}\n`),
      ),
    );
  }

  /** Resolves when all that was added is written. */
  async close(): Promise<void> {
    await this.#writing;
  }

  #take(line: string): void {
    if (line === '') return;
    try {
      const report = readExtended(JSON.parse(line));
      if (isReport(report)) this.#keep({ report, characters: line.length });
    } catch {
      // cut short by the end of a process
    }
  }

  #keep(one: Kept): void {
    this.#kept.push(one);
    this.#characters += one.characters;
    while (
      this.#kept.length > MAX_KEPT ||
      (this.#characters > MAX_CHARACTERS && this.#kept.length > 1)
    ) {
      this.#characters -= this.#kept.shift()?.characters ?? 0;
    }
  }

  async #append(text: string): Promise<void> {
    if (this.#path === null) return;
    const handle = await open(this.#path, APPEND, PRIVATE_FILE);
    try {
      await handle.appendFile(text);
      this.#written += text.length;
    } finally {
      await handle.close();
    }
  }

  async #rewrite(): Promise<void> {
    if (this.#path === null) return;
    const temp = `${this.#path}.tmp`;
    await unlink(temp).catch(() => undefined);
    const text = this.all.map((report) => `${stringifyExtended(report)}\n`).join('');
    const handle = await open(temp, APPEND | constants.O_EXCL, PRIVATE_FILE);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    await rename(temp, this.#path);
    this.#written = text.length;
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.onFailure(error);
    }
  }
}

function isReport(value: unknown): value is GenerationReport {
  return isRecord(value) && typeof value['id'] === 'string' && Array.isArray(value['files']);
}
