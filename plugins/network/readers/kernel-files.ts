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
 * Text of a kernel file without the line's end; null when it is not there. Drivers refuse to answer
 * what does not apply (the speed of a link that is down), which is no failure.
 *
 * @throws (rejects with) whatever else goes wrong
 */
export async function readText(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(orElse(null));
  return text?.trimEnd() ?? null;
}

/** Names in a folder; none when there is no such folder. */
export function readNames(path: string): Promise<readonly string[]> {
  return readdir(path).catch(orElse([]));
}

/** Where a symbolic link points; null when there is none. */
export function readLink(path: string): Promise<string | null> {
  return readlink(path).catch(orElse(null));
}
