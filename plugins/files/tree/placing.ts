import { Errno, TaskException } from 'dispatcher';
import { chmod, link, lstat, realpath, rename, rm, unlink } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import { codeOf, withFile } from './file-errors.js';
import { walkTree } from './tree-walk.js';

/** Where something new is made: beside its place, so that it can appear there in one step. */
export interface Place {
  /** Its path, with the links in the folders before it followed. */
  readonly path: string;
  /** Where it is made. Named after the task: a rollback in another process finds it. */
  readonly partial: string;
}

/** @throws TaskException ENOENT when the folder does not exist */
export async function placeFor(destination: string, taskId: number): Promise<Place> {
  const path = await resolvedPath(destination);
  return { path, partial: join(dirname(path), `.dispatcher-task-${taskId}.partial`) };
}

/** The path with the links in the folders before it followed, but not the last name. */
export async function resolvedPath(path: string): Promise<string> {
  const plain = withoutSlash(path);
  if (plain === '/') return plain;
  const folder = await withFile('find', dirname(plain), () => realpath(dirname(plain)));
  return join(folder, basename(plain));
}

/** @throws TaskException EINVAL when the destination is the source or lies inside of it */
export function assertApart(action: string, source: string, destination: string): void {
  const isSame = source === destination;
  if (!isSame && source !== '/' && !destination.startsWith(`${source}/`)) return;
  const how = isSame ? 'they are the same' : 'the destination lies inside of the source';
  throw new TaskException(Errno.EINVAL, `Cannot ${action} ${source} to ${destination}: ${how}`);
}

/** @throws TaskException EEXIST when something is at the path */
export async function assertVacant(path: string): Promise<void> {
  if (!(await exists(path))) return;
  throw new TaskException(Errno.EEXIST, `Cannot create ${path}: it exists already`, { path });
}

/**
 * Lets what was made appear at its place, in one step, and only if nothing is there.
 *
 * @throws TaskException EEXIST
 */
export async function settle({ path, partial }: Place): Promise<void> {
  const stats = await withFile('find', partial, () => lstat(partial));
  if (!stats.isDirectory() && (await linkInto(partial, path))) return;
  // A folder cannot be linked. Its rename replaces nothing but an empty folder.
  await assertVacant(path);
  await withFile('create', path, () => rename(partial, path));
}

/** False where the file system knows no hard links. */
async function linkInto(partial: string, path: string): Promise<boolean> {
  try {
    await link(partial, path);
  } catch (error) {
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error) ?? '')) {
      return false;
    }
    return withFile('create', path, () => Promise.reject(error as Error));
  }
  await withFile('remove', partial, () => unlink(partial));
  return true;
}

/** Removes a tree that this plugin made, also folders that were given a mode without write access. */
export async function removeTree(path: string): Promise<void> {
  if (!(await exists(path))) return;
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true });
  try {
    await remove();
  } catch {
    const { signal } = new AbortController();
    // each folder is opened before the walk looks into it
    for await (const entry of walkTree(path, { signal, crossesFileSystems: false })) {
      if (entry.kind === 'directory') await chmod(entry.path, 0o700);
    }
    await withFile('remove', path, remove);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    return withFile('find', path, () => Promise.reject(error as Error));
  }
}

function withoutSlash(path: string): string {
  const plain = normalize(path);
  return plain.length > 1 && plain.endsWith('/') ? plain.slice(0, -1) : plain;
}
