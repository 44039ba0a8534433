import type { DATASTORE, DISPATCHER, ValueOf } from './schema/index.js';

/** `dispatcher` as it is written; of `cluster`, what is required may be missing. */
export type DispatcherKeys = ValueOf<typeof DISPATCHER>;

export type ClusterKeys = NonNullable<DispatcherKeys['cluster']>;

/** `dispatcher.cluster`: how this server is one of several. */
export interface ClusterConfiguration extends Omit<ClusterKeys, 'node' | 'key'> {
  readonly node: string;
  readonly key: string;
}

/** `dispatcher` with every default filled in; keys in camel case, e.g. `limits.callsInFlight`. */
export interface DispatcherSection extends Omit<DispatcherKeys, 'cluster'> {
  /** Null when the server is alone. */
  readonly cluster: ClusterConfiguration | null;
}

/** `datastore` as it is written; the data source of sqlite may still be missing. */
export type DatastoreKeys = ValueOf<typeof DATASTORE>;

/** `datastore`: `dsn` is an absolute path for sqlite, an address for mongodb. May hold a password. */
export interface DatastoreSection {
  readonly driver: DatastoreKeys['driver'];
  readonly dsn: string;
}

/** Injection token of {@link DispatcherConfiguration}. */
export const CONFIGURATION = Symbol('configuration');

/** The whole configuration, checked. Paths from the file are absolute. */
export interface DispatcherConfiguration {
  readonly datastore: DatastoreSection;
  readonly dispatcher: DispatcherSection;
  /** Sections of other daemons, as they stand in the file. */
  readonly other: Readonly<Record<string, unknown>>;
  /** The file it came from; null when there was none. */
  readonly source: string | null;
}
