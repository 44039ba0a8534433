import { Errno, TaskException } from 'dispatcher';
import type { BigIntStats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, withFile } from './file-errors.js';

export type EntryKind = 'file' | 'directory' | 'link' | 'special';

/** A file, folder or link of a tree. */
export interface TreeEntry {
  readonly path: string;
  /** Path below the root of the tree; empty for the root itself. */
  readonly relative: string;
  readonly kind: EntryKind;
  readonly stats: BigIntStats;
}

export interface WalkOptions {
  readonly signal: AbortSignal;
  readonly crossesFileSystems: boolean;
  /** Told of what is left out, with the reason. */
  readonly onSkip?: (path: string, reason: string) => void;
}

/**
 * The entries of a tree: a folder before what is in it, names in the order of their bytes, so that
 * two equal trees are walked alike. Symbolic links are never followed.
 *
 * @throws TaskException that names the path that cannot be read
 */
export async function* walkTree(root: string, options: WalkOptions): AsyncGenerator<TreeEntry> {
  const stats = await withFile('read', root, () => lstat(root, { bigint: true }));
  yield* walkEntry({ path: root, relative: '', stats, kind: kindOf(stats) }, stats.dev, options);
}

async function* walkEntry(
  entry: TreeEntry,
  device: bigint,
  options: WalkOptions,
): AsyncGenerator<TreeEntry> {
  options.signal.throwIfAborted();
  yield entry;
  if (entry.kind !== 'directory') return;
  if (entry.stats.dev !== device && !options.crossesFileSystems) {
    options.onSkip?.(entry.path, 'another file system is mounted there');
    return;
  }
  for (const name of await namesIn(entry.path)) {
    const path = join(entry.path, name);
    const stats = await statOrNull(path);
    if (stats === null) options.onSkip?.(path, 'it vanished meanwhile');
    else {
      const relative = entry.relative === '' ? name : `${entry.relative}/${name}`;
      yield* walkEntry({ path, relative, stats, kind: kindOf(stats) }, device, options);
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await withFile('read', folder, () => readdir(folder, { encoding: 'buffer' }));
  return names.sort((one, other) => one.compare(other)).map((name) => decoded(name, folder));
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

async function statOrNull(path: string): Promise<BigIntStats | null> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    return withFile('read', path, () => Promise.reject(error as Error));
  }
}

function kindOf(stats: BigIntStats): EntryKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'link' : 'special';
}
