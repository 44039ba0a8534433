import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { fileId } from '../../system/index.js';
import { CommitFailure, isCode, systemFailure } from './commit-failure.js';
import type { Place } from './place.js';

/** What lies at a place. */
export type Present =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'file'; readonly stats: BigIntStats }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'other'; readonly what: string };

const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

export async function lookAt({ folder, name, path }: Place): Promise<Present> {
  let stats: BigIntStats;
  try {
    stats = await folder.lstat(name);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return { kind: 'nothing' };
    throw systemFailure(error, 'look at', path);
  }
  if (stats.isFile()) return { kind: 'file', stats };
  if (!stats.isSymbolicLink()) return { kind: 'other', what: kindOf(stats) };
  return { kind: 'link', target: await folder.readlink(name).catch(() => '') };
}

function kindOf(stats: BigIntStats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

/** Refuses what is neither nothing nor a plain file with one name. @throws CommitFailure */
export function assertReplaceable(present: Present, path: string): void {
  if (present.kind === 'other') {
    throw new CommitFailure('commit', `Refused ${path}: it is ${present.what}`);
  }
  if (present.kind === 'file' && present.stats.nlink > 1n) {
    const message = `Refused ${path}: it has ${present.stats.nlink} hard links, and the others would keep the old content`;
    throw new CommitFailure('commit', message);
  }
}

/** Opens for reading the file that was seen there, and no other. @throws CommitFailure */
export async function openSeen(place: Place, seen: BigIntStats): Promise<FileHandle> {
  const { folder, name, path } = place;
  let handle: FileHandle;
  try {
    handle = await open(folder.at(name), READ);
  } catch (error) {
    throw systemFailure(error, 'read', path);
  }
  if (fileId(await handle.stat({ bigint: true })) === fileId(seen)) return handle;
  await handle.close();
  throw new CommitFailure('commit', `Refused ${path}: it was exchanged while it was looked at`);
}

/** The bytes of the file that was seen there. @throws CommitFailure */
export async function readSeen(place: Place, seen: BigIntStats): Promise<Buffer> {
  const handle = await openSeen(place, seen);
  try {
    return await handle.readFile();
  } catch (error) {
    throw systemFailure(error, 'read', place.path);
  } finally {
    await handle.close();
  }
}
