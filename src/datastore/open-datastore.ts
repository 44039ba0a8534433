import { Errno } from '../common/index.js';
import { DatastoreException } from '../sdk/datastore.js';
import { DocumentStore, type DocumentStoreOptions } from './document-store.js';
import type { DriverEvents, DriverRegistry } from './driver.js';

/** The `datastore` section of the configuration. `dsn` may hold a password: nothing prints it. */
export interface DatastoreConfiguration {
  readonly driver: string;
  readonly dsn: string;
}

export interface OpenOptions extends DocumentStoreOptions, Partial<DriverEvents> {
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
  { drivers, onStateChange = () => undefined, ...options }: OpenOptions,
): Promise<DocumentStore> {
  const open = drivers.get(driver);
  if (open === undefined) {
    const known = [...drivers.keys()].join(', ');
    throw new DatastoreException(
      Errno.EINVAL,
      `datastore.driver: there is no driver '${driver}': use one of ${known}`,
    );
  }
  return new DocumentStore(await open(dsn, { onStateChange }), options);
}
