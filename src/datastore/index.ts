/**
 * The datastore: collections of JSON objects and the configuration kept in one of them. Owns what a
 * stored document is, the port that drivers implement and the checks in front of it. Knows no
 * driver: the composition root brings them. Called by everything that keeps state.
 */
export { boundBatches } from './batches.js';
export { assertDocumentSize } from './document.js';
export { type ConfigGuard, DocumentConfigStore } from './document-config-store.js';
export { DocumentStore, type DocumentStoreOptions } from './document-store.js';
export type {
  ChangeOptions,
  ClaimRequest,
  CountRequest,
  DatastoreDriver,
  DriverRegistry,
  Fields,
  FindRequest,
  WriteOptions,
  WriteOutcome,
  WriteStep,
} from './driver.js';
export { StoreTakenException } from './driver.js';
export {
  type LeaseRegistry,
  type LeaseRequest,
  StoreInUseException,
  type StoreLease,
} from './lease.js';
export { openSealed } from './sealing/row-sealer.js';
export { SecretBox } from './sealing/secret-box.js';
export { type RowChange, UNREAD } from './row-watchers.js';
export { openDatastore, takeLease } from './open-datastore.js';
export { dump, loadMigrations, migrate, restore } from './tools/index.js';
export { trustedConditions } from './trusted-conditions.js';
