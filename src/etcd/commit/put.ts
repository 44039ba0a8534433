import { type BigIntStats, constants } from 'node:fs';
import { chmod, chown, type FileHandle, open, rename, symlink, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileId } from '../../system/index.js';
import { syncFolder } from './backup-store.js';
import { CommitFailure, systemFailure } from './commit-failure.js';
import { type Disk, contentOf, type Found } from './disk.js';
import { findPlace, type Ownership, type Place, withPlace } from './place.js';
import { assertReplaceable, lookAt } from './present.js';
import type { Side } from './side.js';
import { own, type TempFile, tempName, type Wanted, writeTemp } from './temp-file.js';

const WRITE = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
const PERMISSIONS = 0o777;

/** A new content that waits beside its target. */
export interface Staged extends TempFile {
  /** The folder that it lies in. */
  readonly folderId: string;
}

/** Does something where a file lies, having looked at it once more; its old content is safe by then. */
async function atTarget(
  at: string,
  disk: Disk,
  work: (place: Place, found: Found) => Promise<void>,
): Promise<Side> {
  const place = await findPlace(at, disk);
  if (place === null) {
    throw new CommitFailure('commit', `Cannot write ${at}: its folder is no longer there`);
  }
  return withPlace(place, async () => {
    const present = await lookAt(place);
    assertReplaceable(present, at);
    const found: Found = { at, present, ...(await contentOf(place, present, disk)) };
    if (found.content !== null) await keep(found.content, disk, at);
    await work(place, found);
    return found.side;
  });
}

async function keep(content: Buffer, { backups }: Disk, path: string): Promise<void> {
  try {
    await backups.put(content);
  } catch (error) {
    throw systemFailure(error, 'keep the old content of', path);
  }
}

/** Puts a staged file into its place by a rename. Returns what lay there. @throws CommitFailure */
export function putStaged(at: string, staged: Staged, disk: Disk): Promise<Side> {
  return atTarget(at, disk, async (place) => {
    const { folder, name } = place;
    if (folder.id !== staged.folderId) {
      throw new CommitFailure('commit', `Refused ${at}: its folder was exchanged meanwhile`);
    }
    const temp = await folder.lstat(staged.name).catch(() => null);
    if (temp === null || fileId(temp) !== staged.id) throw exchanged(at);
    try {
      await rename(folder.at(staged.name), folder.at(name));
    } catch (error) {
      throw systemFailure(error, 'replace', at);
    }
    if (fileId(await folder.lstat(name)) !== staged.id) throw exchanged(at);
  });
}

function exchanged(at: string): CommitFailure {
  return new CommitFailure(
    'commit',
    `Refused ${at}: somebody else exchanged its new content while it was put in place`,
  );
}

/** Writes into the file that is there, for where it cannot be replaced. @throws CommitFailure */
export function putInPlace(at: string, wanted: Wanted, disk: Disk): Promise<Side> {
  return atTarget(at, disk, async (place, { present, content, side }) => {
    if (present.kind !== 'file' || content === null || side.kind !== 'file') {
      throw new CommitFailure('commit', `Refused ${at}: it was exchanged meanwhile`);
    }
    const handle = await openToWrite(place, present.stats);
    try {
      await overwrite(handle, wanted.content);
      await own(handle, wanted.ownership);
      await handle.sync();
    } catch (error) {
      await overwrite(handle, content).catch(() => undefined);
      await own(handle, side).catch(() => undefined);
      throw systemFailure(error, 'write', at);
    } finally {
      await handle.close();
    }
  });
}

async function openToWrite({ folder, name, path }: Place, seen: BigIntStats): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await open(folder.at(name), WRITE);
  } catch (error) {
    throw systemFailure(error, 'write', path);
  }
  if (fileId(await handle.stat({ bigint: true })) === fileId(seen)) return handle;
  await handle.close();
  throw new CommitFailure('commit', `Refused ${path}: it was exchanged meanwhile`);
}

async function overwrite(handle: FileHandle, content: Uint8Array): Promise<void> {
  for (let written = 0; written < content.length;) {
    const { bytesWritten } = await handle.write(
      content,
      written,
      content.length - written,
      written,
    );
    written += bytesWritten;
  }
  await handle.truncate(content.length);
}

/** Gives the file that is there another owner or mode. @throws CommitFailure */
export function putAttributes(at: string, ownership: Ownership, disk: Disk): Promise<Side> {
  return atTarget(at, disk, async ({ folder, name }, { present }) => {
    if (present.kind !== 'file') {
      throw new CommitFailure('commit', `Refused ${at}: it was exchanged meanwhile`);
    }
    const { mode, uid, gid } = ownership;
    const pinned = await folder.pin(name);
    try {
      const stats = await pinned.stat({ bigint: true });
      if (fileId(stats) !== fileId(present.stats)) throw exchanged(at);
      const self = `/proc/self/fd/${pinned.fd}`;
      // whom it is given to must not have rights of the old mode, nor the old owner of the new one
      await chmod(self, mode & Number(stats.mode) & PERMISSIONS);
      if (stats.uid !== BigInt(uid) || stats.gid !== BigInt(gid)) await chown(self, uid, gid);
      await chmod(self, mode);
    } catch (error) {
      throw systemFailure(error, 'change owner and mode of', at);
    } finally {
      await pinned.close();
    }
  });
}

/** Removes what is there. @throws CommitFailure */
export function putNothing(at: string, disk: Disk): Promise<Side> {
  return atTarget(at, disk, async ({ folder, name }, { present }) => {
    if (present.kind === 'nothing') return;
    try {
      await unlink(folder.at(name));
    } catch (error) {
      throw systemFailure(error, 'remove', at);
    }
  });
}

/** Writes a new content beside its target. @throws CommitFailure */
export async function stage(place: Place, wanted: Wanted, generation: string): Promise<Staged> {
  const present = await lookAt(place);
  const like = present.kind === 'file' ? present.stats : null;
  const name = tempName(place.name, generation);
  const temp = await writeTemp(place, name, { wanted, like });
  return { ...temp, folderId: place.folder.id };
}

/** Takes a staged file away that is not wanted after all. */
export async function discard(at: string, { name, id }: Staged, disk: Disk): Promise<void> {
  const place = await findPlace(at, disk).catch(() => null);
  if (place === null) return;
  await withPlace(place, async ({ folder }) => {
    const stats = await folder.lstat(name).catch(() => null);
    if (stats !== null && fileId(stats) === id)
      await unlink(folder.at(name)).catch(() => undefined);
  });
}

/** Makes what happened to names in the folder of a path last. */
export async function syncFolderOf(at: string, disk: Disk): Promise<void> {
  const place = await findPlace(at, disk);
  if (place !== null) await withPlace(place, ({ folder }) => syncFolder(`${folder.self}/.`));
}

export interface Restoring {
  readonly generation: string;
  readonly writes: 'atomic' | 'in-place';
  readonly attributes: Wanted['attributes'];
}

/**
 * Brings back what lay at a path. A content comes from the backups.
 *
 * @throws CommitFailure
 */
export async function putBack(
  at: string,
  side: Side,
  { disk, restoring }: { readonly disk: Disk; readonly restoring: Restoring },
): Promise<void> {
  if (side.kind === 'nothing') {
    await putNothing(at, disk);
  } else if (side.kind === 'link') {
    await putLink(at, side.target, { disk, generation: restoring.generation });
  } else {
    const content = await disk.backups.get(side.digest);
    if (content === null) {
      throw new CommitFailure('commit', `Cannot bring ${at} back: its old content is not kept`);
    }
    const wanted = { content, ownership: side, attributes: restoring.attributes };
    await putContent(at, wanted, { disk, restoring });
  }
  await syncFolderOf(at, disk);
}

async function putContent(
  at: string,
  wanted: Wanted,
  { disk, restoring }: { readonly disk: Disk; readonly restoring: Restoring },
): Promise<void> {
  const place = await findPlace(at, disk);
  if (place === null) {
    throw new CommitFailure('commit', `Cannot write ${dirname(at)}: it is no longer there`);
  }
  const staged = await withPlace(place, async () => {
    const present = await lookAt(place);
    const isKept = restoring.writes === 'in-place' && present.kind === 'file';
    return isKept ? null : stage(place, wanted, `${restoring.generation}-back`);
  });
  if (staged === null) {
    await putInPlace(at, wanted, disk);
    return;
  }
  try {
    await putStaged(at, staged, disk);
  } catch (error) {
    await discard(at, staged, disk);
    throw error;
  }
}

async function putLink(
  at: string,
  target: string,
  { disk, generation }: { readonly disk: Disk; readonly generation: string },
): Promise<void> {
  await atTarget(at, disk, async ({ folder, name }) => {
    const temp = tempName(name, `${generation}-back`);
    try {
      await symlink(target, folder.at(temp));
      await rename(folder.at(temp), folder.at(name));
    } catch (error) {
      await unlink(folder.at(temp)).catch(() => undefined);
      throw systemFailure(error, 'bring back', at);
    }
  });
}
