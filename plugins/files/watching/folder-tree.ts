import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FileChange } from '../schemas/file-change.schema.js';
import { type Entry, isSameFile, readEntry } from './entry.js';
import { departures, fileChanges, type Observation } from './file-changes.js';

/** Changes of one path within this time are one. */
const COALESCE_MS = 100;
/** More paths changed at once are not told one by one. */
const MAX_PENDING = 10_000;
/** Each costs some 300 bytes here, and each folder a watch of the kernel, of which there are few. */
const MAX_ENTRIES = 100_000;
/** File access at once: the threads are shared with everything else that reads files. */
const READS_AT_ONCE = 16;

export interface TreeOptions {
  readonly root: string;
  readonly recursive: boolean;
  /** The only name that counts in the root; none for all. */
  readonly only: string | null;
  readonly changed: (changes: readonly FileChange[]) => void;
  /** A part of the tree that is not watched; said for each, again when it is tried again. */
  readonly unwatched: (path: string, error: Error) => void;
}

/** Whether what a scan finds is news. */
type Scan = 'silently' | 'as created';

interface Folder {
  readonly watcher: FSWatcher;
  readonly entries: Map<string, Entry>;
}

/**
 * Watches a folder, and those below it, by a watcher for each. The kernel only says which name was
 * touched; what became of it is told by a look at it and by what was known before. Node's own
 * recursive watch reads the whole tree in one go, in which nobody else has a turn, puts a watcher on
 * each file, and does not tell what happened.
 */
export class FolderTree {
  readonly #folders = new Map<string, Folder>();
  readonly #pending = new Set<string>();
  #hasOverflowed = false;
  #timer: NodeJS.Timeout | undefined;
  /** Scans and looks happen one after the other. */
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;
  #count = 0;

  constructor(private readonly options: TreeOptions) {}

  /** Files and folders that are known. */
  get entries(): number {
    return this.#count;
  }

  /**
   * Begins to watch; returns what was found as news, if it was asked for so.
   *
   * @throws Error when the root itself cannot be watched
   */
  async open(scan: Scan): Promise<readonly FileChange[]> {
    let found: readonly Observation[] = [];
    await this.#inTurn(async () => {
      found = await this.#scan(this.options.root, scan);
    });
    return fileChanges(found);
  }

  /** Tells what happened without waiting for more; to a path, also if the kernel has not said so yet. */
  async flush(path?: string): Promise<void> {
    if (path !== undefined) this.#pending.add(path);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#inTurn(() => (this.#hasOverflowed ? this.#startAnew() : this.#look()));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const { watcher } of this.#folders.values()) watcher.close();
    await this.#work;
    for (const { watcher } of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#work.then(() => (this.#isClosed ? undefined : work()));
    this.#work = turn.catch(() => undefined);
    await turn;
  }

  #report(observations: readonly Observation[]): void {
    const changes = fileChanges(observations);
    if (changes.length > 0 && !this.#isClosed) this.options.changed(changes);
  }

  /** Watches a folder and what is below it, and returns what was found there as it was asked for. */
  async #scan(root: string, scan: Scan): Promise<Observation[]> {
    const found: Observation[] = [];
    const folders = [root];
    for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
      if (this.#isClosed) break;
      const folder = await this.#enter(path);
      for (const [name, entry] of folder?.entries ?? []) {
        const below = join(path, name);
        if (scan === 'as created') found.push({ path: below, before: null, after: entry });
        if (entry.is_directory && this.options.recursive) folders.push(below);
      }
    }
    return found;
  }

  /** First watches, then reads, so that nothing falls between. Null when it cannot be watched. */
  async #enter(path: string): Promise<Folder | null> {
    if (this.#count >= MAX_ENTRIES) {
      this.options.unwatched(path, new Error(`There are more than ${MAX_ENTRIES} files`));
      return null;
    }
    // Found twice, as when it was replaced meanwhile: the older watcher looks at what has left
    this.#forget(path);
    let folder: Folder | undefined;
    try {
      const watcher = watch(path, (_, name) => this.#touched(path, name));
      folder = { watcher, entries: new Map() };
      // The kernel ends a watch with its folder, of which the parent tells
      watcher.on('error', () => watcher.close());
      this.#folders.set(path, folder);
      const names = (await readdir(path)).filter((name) => this.#counts(path, name));
      await eachOf(names, async (name) => {
        const entry = await readEntry(join(path, name));
        if (entry !== null) this.#remember(folder?.entries, name, entry);
      });
      return folder;
    } catch (error) {
      folder?.watcher.close();
      this.#folders.delete(path);
      if (path === this.options.root) throw error;
      // A folder that left meanwhile is missed by nobody
      const hasLeft = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!hasLeft) this.options.unwatched(path, error as Error);
      return null;
    }
  }

  #touched(folder: string, name: string | null): void {
    if (name === null || this.#pending.size >= MAX_PENDING) this.#hasOverflowed = true;
    else if (this.#counts(folder, name)) this.#pending.add(join(folder, name));
    else return;
    // Not put off by the next change: a file that is written all the time is told of all the time
    this.#timer ??= setTimeout(() => void this.flush().catch(this.#failed), COALESCE_MS);
  }

  readonly #failed = (error: unknown): void =>
    this.options.unwatched(this.options.root, error as Error);

  #counts(folder: string, name: string): boolean {
    const { only, root } = this.options;
    return only === null || folder !== root || name === only;
  }

  async #look(): Promise<void> {
    const paths = [...this.#pending];
    this.#pending.clear();
    const seen: Observation[] = [];
    await eachOf(paths, async (path) => {
      const folder = this.#folders.get(dirname(path));
      if (folder === undefined) return;
      const before = folder.entries.get(basename(path)) ?? null;
      seen.push({ path, before, after: await readEntry(path) });
    });
    const left = departures(seen);
    const below: Observation[] = [];
    for (const observation of seen) {
      const isMove = left.has(observation.after?.identity ?? '');
      below.push(...(await this.#apply(observation, isMove ? 'silently' : 'as created')));
    }
    this.#report([...seen, ...below]);
  }

  /** Remembers what is there now; returns what came with a folder. */
  async #apply({ path, before, after }: Observation, scan: Scan): Promise<Observation[]> {
    const entries = this.#folders.get(dirname(path))?.entries;
    const isOther = !isSameFile(before, after);
    if (isOther && before?.is_directory === true) this.#forget(path);
    this.#remember(entries, basename(path), after);
    if (!isOther || after?.is_directory !== true || !this.options.recursive) return [];
    return this.#scan(path, scan);
  }

  #remember(entries: Map<string, Entry> | undefined, name: string, entry: Entry | null): void {
    if (entries === undefined) return;
    this.#count -= entries.size;
    if (entry === null) entries.delete(name);
    else entries.set(name, entry);
    this.#count += entries.size;
  }

  #forget(path: string): void {
    const folder = this.#folders.get(path);
    if (folder === undefined) return;
    folder.watcher.close();
    this.#folders.delete(path);
    this.#count -= folder.entries.size;
    for (const [name, { is_directory }] of folder.entries) {
      if (is_directory) this.#forget(join(path, name));
    }
  }

  /** What happened cannot be told any more; what is there now is the new beginning. */
  async #startAnew(): Promise<void> {
    const { root, changed } = this.options;
    this.#hasOverflowed = false;
    this.#pending.clear();
    this.#forget(root);
    await this.#scan(root, 'silently');
    changed([{ path: root, change: 'overflow', previous_path: null, is_directory: true }]);
  }
}

/** Does something with each, a few at a time. */
async function eachOf<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += READS_AT_ONCE) {
    await Promise.all(items.slice(start, start + READS_AT_ONCE).map(act));
  }
}
