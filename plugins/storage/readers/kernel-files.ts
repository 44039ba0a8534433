import { readdir, readFile, readlink } from 'node:fs/promises';

/**
 * No such file, no such device, hidden from this user, or not a thing that the driver knows. All else
 * (no descriptor left, no memory, a failing disk) says nothing of the machine, and must not be taken
 * for an empty one.
 */
const SAYS_NOTHING_IS_THERE: ReadonlySet<unknown> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ENODEV',
  'ENXIO',
  'EINVAL',
  'ENOTSUP',
  'EACCES',
  'EPERM',
  'ESRCH',
]);

/** @throws the error, unless it says that there is nothing */
function orElse<T>(nothing: T): (error: unknown) => T {
  return (error) => {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (!SAYS_NOTHING_IS_THERE.has(code)) throw error;
    return nothing;
  };
}

/**
 * Text of a kernel file without the spaces around it; null when it is empty or not there: both mean
 * that the fact is not to be had.
 *
 * @throws (rejects with) whatever else goes wrong
 */
export async function readText(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(orElse(null));
  return text?.trim() || null;
}

/** Names in a folder; none when there is no such folder. */
export function readNames(path: string): Promise<readonly string[]> {
  return readdir(path).catch(orElse([]));
}

/** Where a symbolic link points; null when there is none. */
export function readLink(path: string): Promise<string | null> {
  return readlink(path).catch(orElse(null));
}
