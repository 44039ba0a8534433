import {
  closeSync,
  fstatSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';

const MODE = 0o644;
/** Others may start at the same moment and find the same stale file. */
const ATTEMPTS = 5;

/**
 * The file with the server's process id. It appears finished, by a hard link, which never replaces
 * what is there; and it stays open as long as the server lives, which is how a living one is told
 * from another program that got the number of one that was killed: that does not hold the file.
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
      fd = openSync(draft, 'w', MODE);
    } catch (error) {
      throw cannotWrite(path, error);
    }
    try {
      writeSync(fd, `${pid}\n`);
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
  const identity = identityOf(() => statSync(path, { bigint: true }));
  if (identity === null) return; // it went meanwhile
  const pid = Number(readFileSync(path, 'utf8').trim());
  if (Number.isSafeInteger(pid) && pid > 0 && isHeldBy(pid, identity)) {
    throw new LivingServerError(
      `The pidfile ${path} belongs to process ${pid}, which runs: stop that first`,
    );
  }
  // by a rename, after which it can be seen whose file it was that went
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const isOther = identityOf(() => statSync(aside, { bigint: true })) !== identity;
  if (isOther) linkSync(aside, path);
  unlinkQuietly(aside);
}

/** Whether a process lives and has the file open; one that cannot be looked into is believed to. */
function isHeldBy(pid: number, identity: string): boolean {
  if (!isAlive(pid)) return false;
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some(
      (name) => identityOf(() => statSync(`${folder}/${name}`, { bigint: true })) === identity,
    );
  } catch {
    return isAlive(pid); // another user's, or a system without /proc
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
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'no space is left'],
  ['EISDIR', 'it is a folder'],
]);

function cannotWrite(path: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = REASONS.get(code ?? '') ?? message;
  return new Error(`Cannot write the pidfile ${path}: ${reason}`, { cause: error });
}
