import { chmod, chown, rmdir } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { FolderHandle } from '../../system/index.js';
import { CommitFailure, isCode, systemFailure } from './commit-failure.js';

/** Who owns a folder and its mode, resolved. */
export interface Ownership {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Where a file lies: its folder, held open, and its name there. Whoever has it closes it. */
export interface Place {
  readonly path: string;
  readonly folder: FolderHandle;
  readonly name: string;
}

/** A folder that was made on the way. */
export interface MadeFolder {
  readonly path: string;
}

export interface Reach {
  /** Absolute folders without a link in them; a target lies below one of them. */
  readonly roots: readonly string[];
}

/** The root that a path lies below. @throws CommitFailure */
export function rootOf(path: string, { roots }: Reach): string {
  const isPlain = path.startsWith(sep) && !path.includes('\0') && normalize(path) === path;
  const root = roots.find((folder) => path.startsWith(folder === sep ? sep : folder + sep));
  if (isPlain && root !== undefined && !path.endsWith(sep)) return root;
  throw new CommitFailure('commit', `Refused ${path}: it does not lie in ${roots.join(', ')}`);
}

/**
 * Goes down to the folder of a path, each folder opened in the one before and no link followed.
 * Null when a folder is missing.
 *
 * @throws CommitFailure when a folder on the way is a link or none, or cannot be opened
 */
export async function findPlace(path: string, reach: Reach): Promise<Place | null> {
  rootOf(path, reach);
  return descend(path, () => Promise.resolve(null));
}

/** As {@link findPlace}; folders that are missing below the root are made, and told. */
export async function makePlace(
  path: string,
  reach: Reach,
  making: { readonly ownership: Ownership; readonly made: MadeFolder[] },
): Promise<Place> {
  const root = rootOf(path, reach);
  const place = await descend(path, async (folder, name, at) => {
    if (!at.startsWith(root)) throw missingRoot(root);
    try {
      const next = await makeFolder(folder, name, making.ownership);
      making.made.push({ path: at });
      return next;
    } catch (error) {
      // another file of the generation has made it a moment ago
      const present = isCode(error, 'EEXIST') ? await enter(folder, name, at) : null;
      if (present === null) throw systemFailure(error, 'make', at);
      return present;
    }
  });
  if (place === null) throw missingRoot(root);
  return place;
}

function missingRoot(root: string): CommitFailure {
  return new CommitFailure('commit', `Refused: the root ${root} is not there`);
}

type OnMissing = (folder: FolderHandle, name: string, at: string) => Promise<FolderHandle | null>;

async function descend(path: string, onMissing: OnMissing): Promise<Place | null> {
  const names = path.split(sep).filter((name) => name !== '');
  const last = names.pop() ?? '';
  let folder = await FolderHandle.root();
  let at: string = sep;
  for (const name of names) {
    at = join(at, name);
    let next: FolderHandle | null;
    try {
      next = await enter(folder, name, at);
      next ??= await onMissing(folder, name, at);
    } finally {
      await folder.close();
    }
    if (next === null) return null;
    folder = next;
  }
  return { path, folder, name: last };
}

async function enter(folder: FolderHandle, name: string, at: string): Promise<FolderHandle | null> {
  try {
    return await folder.folder(name);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    if (!isCode(error, 'ENOTDIR', 'ELOOP')) throw systemFailure(error, 'open', at);
    const stats = await folder.lstat(name).catch(() => null);
    const what = stats?.isSymbolicLink() === true ? 'a symbolic link, not followed' : 'no folder';
    throw new CommitFailure('commit', `Refused: ${at} on the way is ${what}`);
  }
}

async function makeFolder(
  folder: FolderHandle,
  name: string,
  { mode, uid, gid }: Ownership,
): Promise<FolderHandle> {
  const made = await folder.makeFolder(name);
  try {
    const { uid: ownUid, gid: ownGid } = made.stats;
    if (BigInt(uid) !== ownUid || BigInt(gid) !== ownGid) await chown(made.self, uid, gid);
    await chmod(made.self, mode);
    return made;
  } catch (error) {
    await made.close();
    throw error;
  }
}

/** Takes away folders that were made for what did not come, if they are empty still. */
export async function removeMade(made: readonly MadeFolder[], reach: Reach): Promise<void> {
  for (const { path } of [...made].reverse()) {
    const place = await findPlace(path, reach).catch(() => null);
    if (place === null) continue;
    await rmdir(place.folder.at(place.name)).catch(() => undefined);
    await place.folder.close();
  }
}

/** Does something at a place and lets go of it. */
export async function withPlace<T>(place: Place, work: (place: Place) => Promise<T>): Promise<T> {
  try {
    return await work(place);
  } finally {
    await place.folder.close();
  }
}

/** Where a link at a path leads, without its own links resolved. */
export function linkEnd(path: string, target: string): string {
  return target.startsWith(sep) ? normalize(target) : normalize(join(dirname(path), target));
}
