import { readFileSync } from 'node:fs';
import { libc } from './libc.js';

const LOCK_SHARED = 1;
const LOCK_EXCLUSIVE = 2;
const NOT_WAITING = 4;
/** EWOULDBLOCK of Linux and of the BSDs. */
const HELD: ReadonlySet<number> = new Set([11, 35]);

/** What came of locking: `unsupported` where neither says, for want of koffi or of the file system. */
export type LockOutcome = 'locked' | 'held' | 'unsupported';

/**
 * Locks an open file for this process against all others, without waiting. The lock is the
 * descriptor's: it ends when that is closed, which the kernel does for whoever is killed; children do
 * not inherit it; and closing another descriptor of the file leaves it alone, unlike locks of POSIX.
 */
export function lockExclusively(fd: number): LockOutcome {
  const library = libc();
  if (library === null) return 'unsupported';
  if (library.flock(fd, LOCK_EXCLUSIVE | NOT_WAITING) === 0) return 'locked';
  return HELD.has(library.errno()) ? 'held' : 'unsupported';
}

/** Locks the file for as long as the descriptor is open; false where that cannot be done. */
export function lockFile(fd: number): boolean {
  return lockExclusively(fd) === 'locked';
}

/**
 * Whether somebody has locked the file by {@link lockFile}; null where it cannot be known. Leaves a
 * shared lock on the descriptor, which hinders no other who asks and goes when it is closed.
 */
export function isLocked(fd: number): boolean | null {
  const library = libc();
  return library === null ? null : library.flock(fd, LOCK_SHARED | NOT_WAITING) !== 0;
}

/**
 * The processes that have locked the file of that number, as Linux lists them; none where it does
 * not, or where they run behind the walls of a container.
 */
export function lockersOf(inode: bigint): number[] {
  let table: string;
  try {
    table = readFileSync('/proc/locks', 'latin1');
  } catch {
    return [];
  }
  return table.split('\n').flatMap((line) => {
    const [, kind, , access, pid, place = ''] = line.trim().split(/\s+/);
    const isIt = kind === 'FLOCK' && access === 'WRITE' && place.endsWith(`:${inode}`);
    return isIt && Number(pid) > 0 ? [Number(pid)] : [];
  });
}
