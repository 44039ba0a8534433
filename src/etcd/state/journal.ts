import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../../common/index.js';
import { isCode, syncFolder } from '../commit/index.js';
import { lockExclusively } from '../../system/index.js';
import type { Entry, FileRecord, StoredGeneration } from './records.js';

const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;
/** The journal is written anew when it is larger than this and than twice what it comes to. */
const SMALLEST_COMPACTION = 1024 * 1024;

/** Somebody else works with the folder for state, so that this process must not. */
class StateInUse extends Error {}

/**
 * What is known of the files, over restarts: a journal of lines of JSON in the folder for state. A line
 * that was cut short by the end of a process or of the machine is the last one, and is left out.
 */
export class Journal {
  readonly files = new Map<string, FileRecord>();
  /** Begun or waiting to be confirmed, by id. */
  readonly generations = new Map<string, StoredGeneration>();
  /** Lines that were found to be no entries. */
  unreadable = 0;
  #handle: FileHandle | null = null;
  #size = 0;
  /** Of the journal, had it been written anew. */
  #least = 0;
  #isTorn = false;
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly folder: string,
    private readonly lock: FileHandle,
  ) {}

  /** @throws StateInUse when another process has it */
  static async open(stateDirectory: string): Promise<Journal> {
    await mkdir(stateDirectory, { recursive: true, mode: PRIVATE_FOLDER });
    const lock = await open(join(stateDirectory, 'lock'), 'a', PRIVATE_FILE);
    if (lockExclusively(lock.fd) === 'held') {
      await lock.close();
      throw new StateInUse(
        `The state folder ${stateDirectory} is in use by another process; end that, or give this one a folder of its own`,
      );
    }
    const journal = new Journal(stateDirectory, lock);
    try {
      await journal.#read();
      await journal.#rewrite();
    } catch (error) {
      await lock.close();
      throw error;
    }
    return journal;
  }

  get #path(): string {
    return join(this.folder, 'journal');
  }

  /** Writes entries behind the others; they are on the disk when this returns. */
  append(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) this.#apply(entry);
    const turn = this.#writing.then(() => this.#write(entries));
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  /** Changes what is known without writing it yet: for what a restart finds out again. */
  note(record: FileRecord): void {
    this.files.set(record.name, record);
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#rewrite().catch(() => undefined);
    await this.#handle?.close();
    this.#handle = null;
    await this.lock.close();
  }

  async #write(entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return;
    if (this.#size > SMALLEST_COMPACTION && this.#size > 2 * this.#least) {
      await this.#rewrite();
      return;
    }
    // an end of line first, should the last write have left a part of one
    const text = (this.#isTorn ? '\n' : '') + textOf(entries);
    this.#isTorn = true;
    await this.#handle?.appendFile(text);
    await this.#handle?.datasync();
    this.#isTorn = false;
    this.#size += Buffer.byteLength(text);
  }

  async #rewrite(): Promise<void> {
    const text = textOf([
      ...Array.from(this.files.values(), (record) => ({ kind: 'file', record }) as const),
      ...Array.from(
        this.generations.values(),
        (generation) =>
          ({ kind: generation.confirmBy === null ? 'begun' : 'waits', generation }) as const,
      ),
    ]);
    const temp = `${this.#path}.tmp`;
    await unlink(temp).catch(() => undefined);
    const handle = await open(temp, APPEND | constants.O_EXCL, PRIVATE_FILE);
    try {
      await handle.writeFile(text);
      await handle.sync();
      await rename(temp, this.#path);
      await syncFolder(this.folder);
    } catch (error) {
      await handle.close();
      throw error;
    }
    await this.#handle?.close();
    this.#handle = handle;
    this.#size = this.#least = Buffer.byteLength(text);
  }

  async #read(): Promise<void> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if (isCode(error, 'ENOENT')) return;
      throw error;
    }
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const entry = entryOf(line);
      if (entry === null) this.unreadable += 1;
      else this.#apply(entry);
    }
  }

  #apply(entry: Entry): void {
    if (entry.kind === 'file') this.files.set(entry.record.name, entry.record);
    else if (entry.kind === 'ended') this.generations.delete(entry.id);
    else this.generations.set(entry.generation.id, entry.generation);
  }
}

const textOf = (entries: readonly Entry[]): string =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');

/** Null for what was cut short or is no entry. */
function entryOf(line: string): Entry | null {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isRecord(entry)) return null;
  const { kind, record, generation, id } = entry;
  const isEntry =
    (kind === 'file' && isRecord(record) && typeof record['name'] === 'string') ||
    (kind === 'ended' && typeof id === 'string') ||
    ((kind === 'begun' || kind === 'waits') && isRecord(generation));
  return isEntry ? (entry as unknown as Entry) : null;
}
