import { Errno, type FolderHandle, madeId, TaskException } from 'dispatcher';
import { chmod, link, rename, unlink } from 'node:fs/promises';
import type { Located, Spot } from '../handles/located.js';
import { codeOf, withFile } from './file-errors.js';

const OWNER_WRITES = 0o200n;
const MODE = 0o7777n;

/** @throws TaskException EINVAL when the destination is the source or lies inside of it */
export function assertApart(action: string, source: Located, destination: Located): void {
  const isSame = source.path === destination.path;
  const isInside = source.self !== null && destination.chain.includes(source.self.id);
  if (!isSame && !isInside) return;
  const how = isSame ? 'they are the same' : 'the destination lies inside of the source';
  throw new TaskException(
    Errno.EINVAL,
    `Cannot ${action} ${source.path} to ${destination.path}: ${how}`,
  );
}

/** @throws TaskException EEXIST when something is at the place */
export async function assertVacant({ folder, name, path }: Spot): Promise<void> {
  const isVacant = await withFile('find', path, () => folder.lstat(name)).then(
    () => false,
    (error: unknown) => {
      if (codeOf((error as Error).cause) === 'ENOENT') return true;
      throw error;
    },
  );
  if (isVacant) return;
  throw new TaskException(Errno.EEXIST, `Cannot create ${path}: it exists already`, { path });
}

/**
 * Lets what was made in one folder appear at a place in another, in one step, and only if nothing
 * is there. Gives its identity.
 *
 * @throws TaskException EEXIST
 */
export async function settle(made: Spot, place: Spot): Promise<string> {
  const { path } = place;
  const stats = await withFile('create', path, () => made.folder.lstat(made.name));
  if (!stats.isDirectory()) {
    if (!(await linkInto(made, place))) await move(made, place);
    return madeId(stats);
  }
  const self = await withFile('create', path, () => made.folder.folder(made.name));
  try {
    await moveFolder(self, made, place);
  } finally {
    await self.close();
  }
  return madeId(stats);
}

/** False where the file system knows no hard links. */
async function linkInto(made: Spot, { folder, name, path }: Spot): Promise<boolean> {
  try {
    await link(made.folder.at(made.name), folder.at(name));
  } catch (error) {
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error) ?? '')) {
      return false;
    }
    return withFile('create', path, () => Promise.reject(error as Error));
  }
  await withFile('remove', path, () => unlink(made.folder.at(made.name)));
  return true;
}

/** A folder that goes to another one changes, for it names the one it lies in: that has to be allowed. */
async function moveFolder(self: FolderHandle, made: Spot, place: Spot): Promise<void> {
  if ((self.stats.mode & OWNER_WRITES) !== 0n) return move(made, place);
  const mode = self.stats.mode & MODE;
  await withFile('write', place.path, () => chmod(self.self, Number(mode | OWNER_WRITES)));
  await move(made, place);
  await withFile('write', place.path, () => chmod(self.self, Number(mode)));
}

/** The rename of a folder replaces nothing but an empty folder. */
async function move(made: Spot, place: Spot): Promise<void> {
  await assertVacant(place);
  const { folder, name, path } = place;
  await withFile('create', path, () => rename(made.folder.at(made.name), folder.at(name)));
}
