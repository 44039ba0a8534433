/**
 * The store in MongoDB, through mongoose. Only the composition root imports this; everybody else sees
 * the port. Nothing here prints the address it was given as it is.
 */
import type { DriverFactory } from '../../driver.js';
import type { LeaseFactory } from '../../lease.js';
import { parseAddress } from './address.js';
import { DEFAULT_WAIT_MS, MongoSession } from './mongo-session.js';
import type { LeaseTimes } from './lease-row.js';
import { RowLease } from './row-lease.js';
import { SharedLease } from './shared-lease.js';
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

/** Who starts a server is told what it waits for before he wonders. */
const SILENT_FOR_MS = 1_000;

/** Takes the lease of the store at an address. */
export function mongodbLease(times?: LeaseTimes): LeaseFactory {
  return async (dsn, request) => {
    const quiet = { onStateChange: () => undefined }; // the driver's own connection tells
    const address = parseAddress(dsn);
    const away = setTimeout(() => request.onAway?.(address.shown, DEFAULT_WAIT_MS), SILENT_FOR_MS);
    const opening = MongoSession.open(address, quiet, DEFAULT_WAIT_MS);
    const session = await opening.finally(() => clearTimeout(away));
    const { cluster } = request;
    if (cluster === null || cluster === undefined) return RowLease.take(session, request, times);
    return SharedLease.take(session, { ...request, cluster }, times);
  };
}
