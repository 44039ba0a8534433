import { Errno, type FolderHandle, TaskException } from 'dispatcher';
import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import type { Located, Spot } from '../handles/located.js';
import type { Reach } from '../handles/reach.js';
import { codeOf, fileError, withFile } from './file-errors.js';

/** Each level of a tree keeps a folder open while what is in it is walked, a copy keeps two. */
const MAX_DEPTH = 1_000;

type EntryKind = 'file' | 'directory' | 'link' | 'special';

/** A file, folder or link of a tree; the folder that it lies in is open until the walk goes on. */
export interface TreeEntry extends Spot {
  /** Path below the root of the tree; empty for the root itself. */
  readonly relative: string;
  /** Folders between it and the root; 0 for the root itself. */
  readonly depth: number;
  readonly kind: EntryKind;
  readonly stats: BigIntStats;
}

export interface WalkOptions {
  readonly signal: AbortSignal;
  readonly crossesFileSystems: boolean;
  /** What of the tree is not gone into. */
  readonly reach?: Reach;
  /** Told of what is left out, with the reason. */
  readonly onSkip?: (path: string, reason: string) => void;
}

/** A folder whose entries are being walked. */
interface Level {
  readonly folder: FolderHandle;
  readonly entry: TreeEntry;
  /** Those that are still to come, the next one last. */
  readonly names: string[];
}

/**
 * The entries of a tree: a folder before what is in it, names in the order of their bytes, so that
 * two equal trees are walked alike. Each folder is opened in the one before and held, so that
 * nothing outside of the tree is met, whatever becomes of its names. Symbolic links are never
 * followed.
 *
 * @throws TaskException that names the path that cannot be read
 */
export async function* walkTree(root: Located, options: WalkOptions): AsyncGenerator<TreeEntry> {
  const walk = new Walk(options);
  try {
    yield* walk.entries(root);
  } finally {
    await walk.close();
  }
}

class Walk {
  readonly #levels: Level[] = [];
  #device = 0n;

  constructor(private readonly options: WalkOptions) {}

  async *entries(root: Located): AsyncGenerator<TreeEntry> {
    const { signal } = this.options;
    signal.throwIfAborted();
    const first = await rootEntry(root);
    this.#device = first.stats.dev;
    yield first;
    if (root.self !== null) await this.#enter(await root.self.folder(''), first);
    for (let level = this.#levels.at(-1); level !== undefined; level = this.#levels.at(-1)) {
      signal.throwIfAborted();
      const name = level.names.pop();
      if (name === undefined) await this.#leave();
      else yield* this.#entry(level, name);
    }
  }

  async close(): Promise<void> {
    while (this.#levels.length > 0) await this.#leave();
  }

  async *#entry({ folder, entry: parent }: Level, name: string): AsyncGenerator<TreeEntry> {
    const path = join(parent.path, name);
    const relative = parent.relative === '' ? name : `${parent.relative}/${name}`;
    const spot = { path, relative, depth: parent.depth + 1, folder, name };
    const found = await this.#open(spot);
    if (found === null) return;
    const { stats } = found;
    const entry: TreeEntry = { ...spot, stats, kind: kindOf(stats) };
    let held = found.self;
    try {
      if (this.options.reach?.isOwn(spot, stats) === true) {
        this.#skip(path, "it is the server's own");
        return;
      }
      yield entry;
      const self = held;
      held = null;
      if (self !== null) await this.#enter(self, entry);
    } finally {
      await held?.close();
    }
  }

  /** Looks at an entry; a folder is opened for it, so that what is looked at is what is entered. */
  async #open({
    folder,
    name,
    path,
  }: Spot): Promise<{ readonly stats: BigIntStats; readonly self: FolderHandle | null } | null> {
    try {
      const stats = await folder.lstat(name);
      if (!stats.isDirectory()) return { stats, self: null };
      const self = await folder.folder(name);
      return { stats: self.stats, self };
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw fileError(error, 'read', path);
      this.#skip(path, 'it vanished meanwhile');
      return null;
    }
  }

  async #enter(folder: FolderHandle, entry: TreeEntry): Promise<void> {
    const { crossesFileSystems } = this.options;
    try {
      if (folder.stats.dev !== this.#device && !crossesFileSystems) {
        this.#skip(entry.path, 'another file system is mounted there');
        await folder.close();
        return;
      }
      if (entry.depth >= MAX_DEPTH) throw tooDeep(entry.path);
      this.#levels.push({ folder, entry, names: await namesIn(folder, entry.path) });
    } catch (error) {
      await folder.close();
      throw error;
    }
  }

  async #leave(): Promise<void> {
    await this.#levels.pop()?.folder.close();
  }

  #skip(path: string, reason: string): void {
    this.options.onSkip?.(path, reason);
  }
}

async function rootEntry({ path, folder, name, self }: Located): Promise<TreeEntry> {
  const stats = self?.stats ?? (await withFile('read', path, () => folder.lstat(name)));
  const kind = kindOf(stats);
  // it came to be a folder after it was located: it is none of those that were admitted
  if (kind === 'directory' && self === null) throw exchanged(path);
  return { path, folder, name, relative: '', depth: 0, stats, kind };
}

/** What a symbolic link says. @throws TaskException */
export function linkTarget({ folder, name, path }: Spot): Promise<string> {
  return withFile('read', path, () => folder.readlink(name));
}

/** In the order in which they are to be taken from the end. */
async function namesIn(folder: FolderHandle, path: string): Promise<string[]> {
  const names = await withFile('read', path, () => folder.names());
  return names.sort((one, other) => other.compare(one)).map((name) => decoded(name, path));
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A name that is no text would become another name, and the file would seem to have vanished. */
function decoded(name: Buffer, folder: string): string {
  try {
    return UTF8.decode(name);
  } catch {
    const shown = name.toString('latin1');
    throw new TaskException(Errno.EINVAL, `Cannot read ${folder}/${shown}: its name is not UTF-8`, {
      path: folder,
    });
  }
}

function tooDeep(path: string): TaskException {
  const message = `Cannot read ${path}: it lies ${MAX_DEPTH} folders deep, and no more are read`;
  return new TaskException(Errno.EINVAL, message, { path });
}

function exchanged(path: string): TaskException {
  return new TaskException(Errno.EBUSY, `Cannot read ${path}: it was exchanged meanwhile`, {
    path,
  });
}

function kindOf(stats: BigIntStats): EntryKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'link' : 'special';
}
