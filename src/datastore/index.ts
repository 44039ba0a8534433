/**
 * The datastore: collections of JSON objects and the configuration kept in one of them. Owns what a
 * stored document is, the port that drivers implement and the checks in front of it. Knows no
 * driver: the composition root brings them. Called by everything that keeps state.
 */
export type { Now } from './write-preparer.js';
export { boundBatches } from './batches.js';
export { assertDocumentSize } from './document.js';
export { DocumentConfigStore } from './document-config-store.js';
export { DocumentStore, type DocumentStoreOptions } from './document-store.js';
export type {
  ChangeOptions,
  ClaimRequest,
  CountRequest,
  DatastoreDriver,
  DriverEvents,
  DriverFactory,
  DriverRegistry,
  Fields,
  FindRequest,
  WriteGuard,
  WriteOptions,
  WriteOutcome,
  WriteStep,
} from './driver.js';
export { StoreTakenException } from './driver.js';
export type {
  LeaseFactory,
  LeaseHolder,
  LeaseRegistry,
  LeaseRequest,
  StoreLease,
} from './lease.js';
export type { RowChange, RowListener } from './row-watchers.js';
export {
  type DatastoreConfiguration,
  openDatastore,
  type OpenOptions,
  takeLease,
} from './open-datastore.js';
export {
  dump,
  loadMigrations,
  migrate,
  type Migration,
  type MigrationReport,
  restore,
  type RestoreOptions,
} from './tools/index.js';
export { trustedConditions } from './trusted-conditions.js';
