import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { parseJournalLine } from './journal-record.js';
import type { LogBatch } from './log-batch.js';
import type { LogReader } from './log.reader.js';

const FOLDERS = ['/run/log/journal', '/var/log/journal'];
const ARGUMENTS = ['--follow', '--lines=0', '--output=json', '--quiet'];
/** More than is ever published of one second. */
const MAX_WAITING_LINES = 1000;

/** The journal of systemd, by its own tool: the format of its files is nobody else's business. */
export class JournalReader implements LogReader {
  readonly source = 'journal';
  readonly place = 'journalctl';
  readonly #lines: Interface;
  #waiting: string[] = [];
  #dropped = 0;
  #end: string | undefined;

  /** @param child what writes a JSON object for each new entry */
  constructor(private readonly child: ChildProcessByStdio<null, Readable, null>) {
    this.#lines = createInterface({ input: child.stdout });
    this.#lines.on('line', (line) => this.#take(line));
    // What became of the child is told to whoever reads next
    child.on('error', (error) => (this.#end = error.message));
    child.on(
      'exit',
      (code, signal) => (this.#end = `journalctl ended with ${signal ?? code ?? 0}`),
    );
  }

  /** Null where nothing keeps a journal, or the tool is missing. */
  static async open(): Promise<JournalReader | null> {
    const journals = await Promise.all(FOLDERS.map((folder) => readdir(folder).catch(() => [])));
    if (journals.flat().length === 0) return null;
    const child = spawn('journalctl', ARGUMENTS, { stdio: ['ignore', 'pipe', 'ignore'] });
    return once(child, 'spawn').then(
      () => new JournalReader(child),
      () => null,
    );
  }

  read(batch: LogBatch): void {
    if (this.#end !== undefined) throw new Error(this.#end);
    const lines = this.#waiting.splice(0);
    batch.drop(this.#dropped);
    this.#dropped = 0;
    for (const line of lines) {
      const record = batch.isFull ? null : parseJournalLine(line);
      if (record !== null) batch.add(record);
      else if (batch.isFull) batch.drop(1);
    }
  }

  close(): void {
    this.#lines.close();
    this.child.kill();
  }

  #take(line: string): void {
    if (this.#waiting.length < MAX_WAITING_LINES) this.#waiting.push(line);
    else this.#dropped += 1;
  }
}
