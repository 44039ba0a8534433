/**
 * The embedded store: one SQLite file, on the engine that the runtime has or on the packaged one.
 * Only the composition root imports this; everybody else sees the port.
 */
import { resolve } from 'node:path';
import { Errno } from '../../../common/index.js';
import { DatastoreException } from '../../../sdk/datastore.js';
import type { DriverFactory } from '../../driver.js';
import { detectEngine, type EngineName } from './engine.js';
import type { LeaseFactory } from '../../lease.js';
import { takeFileLease } from './file-lease.js';
import { SqliteDriver } from './sqlite.driver.js';

export type { EngineName } from './engine.js';

/** Opens the file at a path, on the given engine or the best there is. */
export function sqliteDriver(engine: EngineName = detectEngine()): DriverFactory {
  return async (dsn) => {
    const driver = new SqliteDriver({ file: filePath(dsn), engine });
    await driver.open();
    return driver;
  };
}

/** Takes the lease of the file at a path. */
export function sqliteLease(engine: EngineName = detectEngine()): LeaseFactory {
  return (dsn, request) =>
    new Promise((resolve) => {
      resolve(takeFileLease({ file: filePath(dsn), engine }, request));
    });
}

function filePath(dsn: string): string {
  if (dsn === '' || dsn.includes('\0')) {
    throw new DatastoreException(
      Errno.EINVAL,
      'datastore.dsn: the sqlite driver takes a file path',
    );
  }
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(dsn)?.[1];
  if (scheme !== undefined) {
    // The rest may hold a password
    throw new DatastoreException(
      Errno.EINVAL,
      `datastore.dsn: the sqlite driver takes a plain file path, not a ${scheme}: address`,
    );
  }
  return resolve(dsn);
}
