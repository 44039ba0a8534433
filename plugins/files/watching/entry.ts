import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';

/** What is remembered of a file or folder, to tell later what became of it. */
export interface Entry {
  /**
   * The same as long as it is the same file, whatever its name. Null on file systems that do not
   * keep the time of birth: they give a number of a file that went to the next that comes.
   */
  readonly identity: string | null;
  /** Another after each change of content, owner or rights. */
  readonly version: string;
  readonly is_directory: boolean;
}

/** Null when there is nothing at the path. A symbolic link is itself, not what it points to. */
export async function readEntry(path: string): Promise<Entry | null> {
  try {
    return toEntry(await lstat(path, { bigint: true }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

function toEntry(stats: BigIntStats): Entry {
  const { dev, ino, birthtimeNs, mtimeNs, size, mode, uid, gid } = stats;
  const is_directory = stats.isDirectory();
  // The time of a folder tells of its entries, which are told of themselves
  const content = is_directory ? '' : `${mtimeNs}:${size}:`;
  return {
    identity: birthtimeNs === 0n ? null : `${dev}:${ino}:${birthtimeNs}`,
    version: `${content}${mode}:${uid}:${gid}`,
    is_directory,
  };
}

/** Whether two readings of one path met one file. */
export function isSameFile(one: Entry | null, other: Entry | null): boolean {
  if (one === null || other === null) return one === other;
  return one.identity === other.identity && one.is_directory === other.is_directory;
}
