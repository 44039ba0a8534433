import { Errno } from '../common/index.js';
import { DatastoreException } from '../sdk/datastore.js';
import { DocumentStore, type DocumentStoreOptions } from './document-store.js';
import type { DriverEvents, DriverRegistry } from './driver.js';
import type { LeaseRegistry, LeaseRequest, StoreLease } from './lease.js';

/** The `datastore` section of the configuration. `dsn` may hold a password: nothing prints it. */
export interface DatastoreConfiguration {
  readonly driver: string;
  readonly dsn: string;
}

export interface OpenDatastoreOptions extends DocumentStoreOptions, Partial<DriverEvents> {
  readonly drivers: DriverRegistry;
}

/**
 * Opens the store that the configuration names. The caller closes it.
 *
 * @throws DatastoreException that says what is wrong with the address, the store or the login, and
 *   never quotes a secret
 * @example
 * const store = await openDatastore(configuration.datastore, { drivers: DRIVERS });
 * await store.close();
 */
export async function openDatastore(
  { driver, dsn }: DatastoreConfiguration,
  { drivers, onStateChange = () => undefined, ...options }: OpenDatastoreOptions,
): Promise<DocumentStore> {
  const open = named(driver, drivers);
  return new DocumentStore(await open(dsn, { onStateChange }), options);
}

/**
 * Takes the lease of the store that the configuration names, before it is opened. The caller releases
 * it, after the store was closed.
 *
 * @throws (rejects with) DatastoreException EBUSY naming who holds it, or what is wrong with the address
 */
export async function takeLease(
  { driver, dsn }: DatastoreConfiguration,
  { leases, ...request }: LeaseRequest & { readonly leases: LeaseRegistry },
): Promise<StoreLease> {
  return named(driver, leases)(dsn, request);
}

function named<T>(driver: string, registry: ReadonlyMap<string, T>): T {
  const found = registry.get(driver);
  if (found !== undefined) return found;
  const known = [...registry.keys()].join(', ');
  throw new DatastoreException(
    Errno.EINVAL,
    `datastore.driver: there is no driver '${driver}': use one of ${known}`,
  );
}
