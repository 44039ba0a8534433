import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MODE = 0o700;
/** More than a file system hides in an inode: a full disk has to show. */
const PROBE_BYTES = 64 * 1_024;

const REASONS = new Map([
  ['EROFS', 'the file system is read-only'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['ENOSPC', 'no space is left'],
  ['EDQUOT', 'no space is left'],
  ['ENOTDIR', 'a part of the path is no folder'],
  ['EEXIST', 'it is no folder'],
]);

/**
 * Makes the folder for the server's state and tries to write there, before anything depends on it.
 *
 * @throws Error with one line naming the folder and the reason
 */
export function prepareStateFolder(path: string): void {
  const probe = join(path, `.probe-${process.pid}`);
  try {
    mkdirSync(path, { recursive: true, mode: MODE });
    try {
      writeFileSync(probe, Buffer.alloc(PROBE_BYTES), { flush: true });
    } finally {
      rmSync(probe, { force: true });
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = REASONS.get(code ?? '') ?? message;
    throw new Error(`Cannot keep state in ${path}: ${reason}`, { cause: error });
  }
}
