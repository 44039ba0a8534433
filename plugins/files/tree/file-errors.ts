import { Errno, isDispatcherError, TaskException } from 'dispatcher';

/** Numbers of the system that have no name of their own on the wire, by the nearest that has one. */
const NEAREST = new Map<string, Errno>([
  ['EDQUOT', Errno.ENOSPC],
  ['EFBIG', Errno.ENOSPC],
  ['EISDIR', Errno.EINVAL],
  ['ELOOP', Errno.EINVAL],
  ['EMFILE', Errno.EBUSY],
  ['ENAMETOOLONG', Errno.EINVAL],
  ['ENFILE', Errno.EBUSY],
  ['ENOTDIR', Errno.ENOENT],
  ['ENOTEMPTY', Errno.EEXIST],
  ['EROFS', Errno.EACCES],
  ['ETXTBSY', Errno.EBUSY],
]);

const REASONS = new Map<string, string>([
  ['EACCES', 'permission denied'],
  ['EDQUOT', 'the quota is used up'],
  ['EEXIST', 'it exists already'],
  ['EFBIG', 'the file system holds no files of that size'],
  ['EIO', 'the device reports an error'],
  ['ELOOP', 'it is a symbolic link, or there are too many of them'],
  ['EMFILE', 'too many open files'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['ENOENT', 'there is no such file or folder'],
  ['ENOSPC', 'no space is left on the file system'],
  ['ENOTDIR', 'a part of the path is no folder'],
  ['ENOTEMPTY', 'it exists already'],
  ['EPERM', 'the operation is not permitted'],
  ['EROFS', 'the file system is mounted read-only'],
]);

/** The system's code of an error, such as `ENOENT`; null for an error of another kind. */
export function codeOf(error: unknown): string | null {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && /^E[A-Z0-9]+$/.test(code) ? code : null;
}

/**
 * An error of the file system as the submitter of a task can use it: what was tried, with which
 * path, and why it failed. What is no such error stays what it is.
 */
export function fileError(error: unknown, action: string, path: string): unknown {
  const code = codeOf(error);
  if (code === null || isDispatcherError(error)) return error;
  const own = Object.entries(Errno).find(([name]) => name === code)?.[1];
  const errno = (own as Errno | undefined) ?? NEAREST.get(code) ?? Errno.EIO;
  const reason = reasonOf(code, action);
  return new TaskException(
    errno,
    `Cannot ${action} ${path}: ${reason}`,
    { path, reason: code },
    { cause: error },
  );
}

/** Of a folder that is held open, "no such file" is said when nothing can be put into it. */
function reasonOf(code: string, action: string): string {
  if (code === 'ENOENT' && action === 'create') {
    return 'its folder was removed, or is one that nothing can be put into';
  }
  return REASONS.get(code) ?? code;
}

/** Does something with a file. @throws (rejects with) TaskException that names action, path and reason */
export async function withFile<T>(
  action: string,
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error, action, path);
  }
}
