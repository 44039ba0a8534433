import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { isLocked, lockFile, lockersOf } from './file-lock.js';

const MODE = 0o644;
/** Others may start at the same moment and find the same stale file. */
const ATTEMPTS = 5;
/** More than a number and a line break: not a pidfile. */
const MAX_SIZE = 64;

/**
 * The file with the server's process id. It appears finished, by a hard link, which never replaces
 * what is there; and it stays open and locked as long as the server lives. That is how a living one
 * is told from another program that got the number of one that was killed: not by the number.
 */
export class PidFile {
  private constructor(
    private readonly path: string,
    private readonly fd: number,
  ) {}

  /** @throws Error with one line: the living server, or why the file cannot be written */
  static take(path: string, pid: number): PidFile {
    const draft = `${path}.${pid}`;
    let fd: number;
    try {
      unlinkQuietly(draft); // of one with the same number that was killed
      fd = openSync(draft, 'wx', MODE);
    } catch (error) {
      throw cannotWrite(path, error);
    }
    try {
      writeSync(fd, `${pid}\n`);
      lockFile(fd);
      linkOrReplaceStale(draft, path);
      return new PidFile(path, fd);
    } catch (error) {
      closeSync(fd);
      throw error instanceof LivingServerError ? error : cannotWrite(path, error);
    } finally {
      unlinkQuietly(draft);
    }
  }

  /** Removes the file, unless it is somebody else's by now. Synchronous: for the exit of the process. */
  remove(): void {
    if (identityOf(() => statSync(this.path, { bigint: true })) === this.#identity()) {
      unlinkQuietly(this.path);
    }
    closeSync(this.fd);
  }

  #identity(): string | null {
    return identityOf(() => fstatSync(this.fd, { bigint: true }));
  }
}

class LivingServerError extends Error {}

function linkOrReplaceStale(draft: string, path: string): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      linkSync(draft, path);
      return;
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EEXIST';
      if (!isTaken || attempt === ATTEMPTS) throw error;
    }
    removeStale(path, `${draft}.stale`);
  }
}

/** @throws LivingServerError naming the process that holds the file */
function removeStale(path: string, aside: string): void {
  const identity = identityOf(() => lstatSync(path, { bigint: true }));
  if (identity === null) return; // it went meanwhile
  const holder = holderOf(path);
  if (holder !== null) {
    throw new LivingServerError(
      `The pidfile ${path} belongs to process ${holder}, which runs: stop that first`,
    );
  }
  // by a rename, after which it can be seen whose file it was that went
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const isOther = identityOf(() => lstatSync(aside, { bigint: true })) !== identity;
  if (isOther) linkSync(aside, path);
  unlinkQuietly(aside);
}

/**
 * The number in the file, if a living server holds it; null for what a dead one has left, or
 * somebody else has put there.
 *
 * @throws Error of the file system; Error when there is something else than a file
 */
function holderOf(path: string): string | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK); // a pipe would wait for a writer
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null; // or a link to nowhere
    throw error;
  }
  try {
    const { dev, ino, size, uid } = fstatPlain(fd);
    const text = size > MAX_SIZE ? '' : readFileSync(fd, 'utf8').trim();
    const pid = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null;
    const isOpen = pid === null ? false : holdsOpen(pid, `${dev}:${ino}`);
    if (isOpen === true) return text;
    const lock = isLocked(fd);
    if (lock === null) return isOpen === null && ownerOf(pid) === uid ? text : null;
    if (!lock) return null;
    // a stranger can lock what can be read: that does not make it the server
    const lockers = lockersOf(ino);
    const isStrangers = lockers.length > 0 && (pid === null || !lockers.includes(pid));
    return isStrangers ? null : text;
  } finally {
    closeSync(fd);
  }
}

function fstatPlain(fd: number): BigIntStats {
  const stat = fstatSync(fd, { bigint: true });
  if (stat.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
  if (!stat.isFile()) throw new Error('it is no plain file');
  return stat;
}

/** Whether a process lives and has the file open; null for one that cannot be looked into. */
function holdsOpen(pid: number, identity: string): boolean | null {
  if (!isAlive(pid)) return false;
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some(
      (name) => identityOf(() => statSync(`${folder}/${name}`, { bigint: true })) === identity,
    );
  } catch {
    return isAlive(pid) ? null : false; // another user's, or a system without /proc
  }
}

/** The user of a process; null when that is not known. */
function ownerOf(pid: number | null): bigint | null {
  try {
    return statSync(`/proc/${pid}`, { bigint: true }).uid;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    // eslint-disable-next-line no-restricted-syntax -- no signal: only asks whether there is such a process
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function identityOf(look: () => { readonly dev: bigint; readonly ino: bigint }): string | null {
  try {
    const { dev, ino } = look();
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // it is gone, which is what was wanted
  }
}

const REASONS = new Map([
  ['ENOENT', 'the folder does not exist'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['ENOTDIR', 'a part of the path is no folder'],
  ['ELOOP', 'too many symbolic links'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'no space is left'],
  ['EISDIR', 'it is a folder'],
]);

function cannotWrite(path: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = REASONS.get(code ?? '') ?? message;
  return new Error(`Cannot write the pidfile ${path}: ${reason}`, { cause: error });
}
