import { closeSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SqliteConnection } from './engine.js';
import { APPLICATION_ID, FORMAT_VERSION, SYSTEM_TABLES } from './tables.js';

const MAGIC = 'SQLite format 3\0';
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Makes sure that the file is a SQLite file or can become one. It holds password hashes: nobody but
 * its owner may read it, and SQLite gives the files beside it the same mode.
 *
 * @throws Error that says what is wrong with the file
 */
export function prepareFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const descriptor = openSync(file, 'a+', 0o600);
  try {
    const start = Buffer.alloc(MAGIC.length);
    const length = readSync(descriptor, start, 0, start.length, 0);
    if (length > 0 && start.toString('latin1') !== MAGIC) {
      throw new Error('the file is not a SQLite database');
    }
  } finally {
    closeSync(descriptor);
  }
}

/** What every connection needs: wait for a lock, and enough cache for an index. */
export function configureReader(connection: SqliteConnection): void {
  connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  connection.exec('PRAGMA cache_size = -16000');
}

/**
 * Prepares a store for writing: write-ahead log, so that readers never wait for a writer, and a
 * flush at every commit, so that what is acknowledged is on disk.
 *
 * @throws Error when the file belongs to another program or to a newer version
 */
export function configureWriter(connection: SqliteConnection): void {
  configureReader(connection);
  assertOurs(connection);
  connection.exec('PRAGMA journal_mode = WAL');
  connection.exec('PRAGMA synchronous = FULL');
  connection.exec('PRAGMA journal_size_limit = 67108864');
  connection.exec(SYSTEM_TABLES);
  connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  connection.exec(`PRAGMA user_version = ${FORMAT_VERSION}`);
}

function assertOurs(connection: SqliteConnection): void {
  const tables = Number(connection.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n']);
  if (tables === 0) return;
  if (pragma(connection, 'application_id') !== APPLICATION_ID) {
    throw new Error('the file is the database of another program');
  }
  const version = pragma(connection, 'user_version');
  if (version > FORMAT_VERSION) {
    throw new Error(`the file has format ${version}, this version reads ${FORMAT_VERSION}`);
  }
}

function pragma(connection: SqliteConnection, name: string): number {
  return Number(connection.prepare(`PRAGMA ${name}`).get()?.[name]);
}
