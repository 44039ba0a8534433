/**
 * The store in MongoDB, through mongoose. Only the composition root imports this; everybody else sees
 * the port. Nothing here prints the address it was given as it is.
 */
import type { DriverFactory } from '../../driver.js';
import { parseAddress } from './address.js';
import { DEFAULT_WAIT_MS, MongoSession } from './mongo-session.js';
import { MongodbDriver } from './mongodb.driver.js';

export interface MongodbOptions {
  /** How long a call waits for a server that is away before it fails with EIO. */
  readonly waitMs?: number;
}

/** Opens a `mongodb://` or `mongodb+srv://` address; the database is the path's, else `dispatcher`. */
export function mongodbDriver({ waitMs = DEFAULT_WAIT_MS }: MongodbOptions = {}): DriverFactory {
  return async (dsn, events) =>
    new MongodbDriver(await MongoSession.open(parseAddress(dsn), events, waitMs));
}
