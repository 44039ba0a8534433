import { DocumentConfigStore, DocumentStore, SecretBox } from '../datastore/index.js';
import type { ConfigStore, Datastore } from '../sdk/index.js';
import { MemoryDriver } from './memory.driver.js';

/**
 * A datastore that lives as long as the test, and means by every call what the server's means: it
 * passes the same suite of conformance tests as SQLite and MongoDB do.
 *
 * @example
 * const datastore = memoryDatastore();
 * await datastore.requireCollection('users', { unique: ['username'] });
 * await runTask(CreateUserTask, [{ username: 'jdoe' }], { datastore });
 * await datastore.count('users'); // 1
 */
export function memoryDatastore(): Datastore {
  return new DocumentStore(new MemoryDriver(), { secrets: SecretBox.ephemeral() });
}

/**
 * A config store with these settings.
 *
 * @throws (rejects with) DatastoreException EINVAL for a key that is not words joined by dots
 * @example
 * const configstore = await memoryConfigStore({ 'system.execute.allowed': ['/usr/bin/id'] });
 */
export async function memoryConfigStore(
  settings: Readonly<Record<string, unknown>> = {},
): Promise<ConfigStore> {
  const store = await DocumentConfigStore.open(memoryDatastore());
  await store.setMany(settings);
  return store;
}
