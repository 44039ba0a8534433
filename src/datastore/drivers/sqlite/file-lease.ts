import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Errno } from '../../../common/index.js';
import { DatastoreException } from '../../../sdk/datastore.js';
import { lockExclusively } from '../../../system/index.js';
import {
  describeHolder,
  type LeaseHolder,
  type LeaseRequest,
  type StoreLease,
  StoreInUseException,
} from '../../lease.js';
import { type SqliteConnection, type EngineName, openConnection } from './engine.js';
import { toException, toFailure } from './sqlite-failure.js';
import { prepareFile } from './store-file.js';

const MODE = 0o600;
const ATTEMPTS = 5;
/** Where a lock on the whole file would get into the way of SQLite's own: NFS, SMB (three), AFS, Ceph. */
const NETWORK_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x5346414f, 0x00c36400,
]);

export interface StoreFile {
  readonly file: string;
  readonly engine: EngineName;
}

/**
 * Two locks that end with the process. That of a file beside the data guards the path, so that a data
 * file put there meanwhile is not opened on top of the log of the one before; that of the data file
 * itself guards it under whatever other name (hard links, a file mounted by itself). Neither is one of
 * SQLite's, so that dump and query go on beside a server.
 *
 * @throws DatastoreException EBUSY naming the holder, or what is wrong with the file
 */
export function takeFileLease(
  store: StoreFile,
  { holder, onlyExisting = false, cluster = null }: LeaseRequest,
): StoreLease {
  if (cluster !== null) throw notShared(store.file);
  const opened: (() => void)[] = [];
  const close = (): void => {
    for (const undo of opened.splice(0).reverse()) undo();
  };
  try {
    if (onlyExisting) assertThere(store.file);
    const path = realPathOf(store.file);
    const beside = `${path}.lock`;
    const inUse = (): Error =>
      new StoreInUseException(store.file, describeHolder(readHolder(beside)));
    const fd = lockBeside(beside, inUse);
    opened.push(() => closeSync(fd));
    if (lockExclusively(fd) === 'unsupported') {
      const connection = lockBySqlite({ ...store, file: `${path}.lease` }, inUse);
      opened.push(() => connection.close());
    }
    prepareFile(store.file);
    opened.push(lockData(path, inUse));
    tell(fd, holder);
    opened.push(() => ftruncateSync(fd));
    return {
      lastTerm: null,
      announce: async (addresses) => {
        await Promise.resolve();
        tell(fd, { ...holder, addresses });
      },
      release: async () => {
        await Promise.resolve();
        close();
      },
    };
  } catch (error) {
    close();
    if (error instanceof DatastoreException) throw error;
    throw toException(toFailure(error), store.file);
  }
}

function notShared(file: string): DatastoreException {
  return new DatastoreException(
    Errno.EOPNOTSUPP,
    `Datastore ${file} is a file, which nodes of a cluster cannot share: they need MongoDB (datastore.driver)`,
  );
}

/** Storage that is not mounted looks like an empty folder. */
function assertThere(file: string): void {
  if (existsSync(file)) return;
  throw new DatastoreException(Errno.ENOENT, `Datastore ${file} is not there`);
}

/** A lock on a file that somebody removed meanwhile is worth nothing: it is looked at again. */
function lockBeside(path: string, inUse: () => Error): number {
  for (let attempt = 1; ; attempt += 1) {
    const fd = openSync(path, 'a+', MODE);
    if (lockExclusively(fd) === 'held') {
      closeSync(fd);
      throw inUse();
    }
    if (identityOf(fd) === identityOf(path) || attempt === ATTEMPTS) return fd;
    closeSync(fd);
  }
}

/** Where the system's locks cannot be had: an empty database beside it, locked for good. */
function lockBySqlite({ file, engine }: StoreFile, inUse: () => Error): SqliteConnection {
  const connection = openConnection(file, engine);
  try {
    connection.exec('BEGIN EXCLUSIVE');
    return connection;
  } catch (error) {
    connection.close();
    const failure = toFailure(error);
    throw failure.kind === 'sqlite' && failure.code === 'BUSY' ? inUse() : error;
  }
}

/** Data files that this process holds: to open and close one once more would end SQLite's locks on it. */
const heldHere = new Set<string>();

function lockData(path: string, inUse: () => Error): () => void {
  if (NETWORK_FILE_SYSTEMS.has(statfsSync(path).type)) return () => undefined;
  const identity = identityOf(path);
  if (heldHere.has(identity)) throw inUse();
  const fd = openSync(path, 'r');
  if (lockExclusively(fd) === 'held') {
    closeSync(fd);
    throw inUse();
  }
  heldHere.add(identity);
  return () => {
    heldHere.delete(identity);
    closeSync(fd);
  };
}

function tell(fd: number, holder: LeaseHolder): void {
  ftruncateSync(fd);
  writeSync(fd, `${JSON.stringify(holder)}\n`);
}

function readHolder(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** Empty for a path that leads nowhere. */
function identityOf(file: string | number): string {
  const found =
    typeof file === 'number'
      ? fstatSync(file, { bigint: true })
      : statSync(file, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? '' : `${found.dev}:${found.ino}`;
}

/** Of a file that need not be there yet; its folder is made. */
function realPathOf(file: string): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    return realpathSync(file);
  } catch {
    return join(realpathSync(dirname(file)), basename(file));
  }
}
