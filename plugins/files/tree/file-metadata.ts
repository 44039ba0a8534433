import type { BigIntStats } from 'node:fs';
import { chmod, chown, type FileHandle, lchown, lutimes, utimes } from 'node:fs/promises';
import type { FolderHandle } from 'dispatcher';
import type { Spot } from '../handles/located.js';

// Whoever is not root cannot give files away, and a copy must not run as its new owner by mistake
const IS_ROOT = process.getuid?.() === 0;
const MODE_BITS = IS_ROOT ? 0o7777n : 0o1777n;
const SET_ID_BITS = 0o6000n;

/** Said of each file whose copy is without them. */
export const SET_ID_DROPPED =
  'it runs as its owner or group, and its copy does not: that takes the role admin';

/** The stats without the bits that let whoever starts the file be its owner or group. */
export function withoutSetId(stats: BigIntStats): BigIntStats {
  return Object.assign(Object.create(stats) as BigIntStats, { mode: stats.mode & ~SET_ID_BITS });
}

export function hasSetId({ mode }: Pick<BigIntStats, 'mode'>): boolean {
  return (mode & SET_ID_BITS) !== 0n;
}

/** Owner first: changing it takes the set-user-id bit away. Times last: all else may touch them. */
export async function applyToHandle(handle: FileHandle, stats: BigIntStats): Promise<void> {
  if (IS_ROOT) await handle.chown(Number(stats.uid), Number(stats.gid));
  await handle.chmod(Number(stats.mode & MODE_BITS));
  await handle.utimes(seconds(stats.atimeNs), seconds(stats.mtimeNs));
}

export async function applyToFolder({ self }: FolderHandle, stats: BigIntStats): Promise<void> {
  if (IS_ROOT) await chown(self, Number(stats.uid), Number(stats.gid));
  await chmod(self, Number(stats.mode & MODE_BITS));
  await utimes(self, seconds(stats.atimeNs), seconds(stats.mtimeNs));
}

/** A link has no mode of its own. */
export async function applyToLink(
  { folder, name }: Pick<Spot, 'folder' | 'name'>,
  stats: BigIntStats,
): Promise<void> {
  const path = folder.at(name);
  if (IS_ROOT) await lchown(path, Number(stats.uid), Number(stats.gid));
  await lutimes(path, seconds(stats.atimeNs), seconds(stats.mtimeNs));
}

/** Exact to the microsecond: what a double holds of a time of our days. */
function seconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e9;
}
