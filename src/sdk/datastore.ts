import { Errno, RpcException } from '../common/index.js';
import type { Filter, QueryParams } from '../common/query/index.js';

/** The key of a row: a string, or an integer in `serial` collections. */
export type RowId = string | number;

/** A row as it comes out: what was stored, `id` first. Dates, Buffers and bigints are themselves. */
export interface StoredRow {
  readonly id: RowId;
  readonly [field: string]: unknown;
}

/** A row as it goes in. `id` is optional unless the collection's keys are `given`. */
export type Document = Readonly<Record<string, unknown>>;

/** How a collection gets the keys of its rows. A serial number is never used twice. */
type KeyPolicy = 'uuid' | 'serial' | 'given';

/** One field, or several that count together. */
export type KeyFields = string | readonly string[];

/** How a collection is kept. Fields named in `unique` and `indexes` may hold scalars only. */
export interface CollectionOptions {
  /** Default `uuid`. Cannot change once the collection exists. */
  readonly key?: KeyPolicy;
  /** No two rows have the same values here; a row where one of them is missing or null is free. */
  readonly unique?: readonly KeyFields[];
  /** What is filtered and sorted by often. */
  readonly indexes?: readonly KeyFields[];
  /** `kept` (the default) writes `created_at` and `updated_at`. */
  readonly timestamps?: 'kept' | 'none';
  /** Anything the owner wants to find again beside the collection. */
  readonly attributes?: Document;
}

/** What is known of a collection. */
export interface CollectionInfo {
  readonly name: string;
  readonly key: KeyPolicy;
  readonly unique: readonly (readonly string[])[];
  readonly indexes: readonly (readonly string[])[];
  readonly timestamps: 'kept' | 'none';
  readonly attributes: Document;
  /** The migrations applied to it, in order. */
  readonly migrations: readonly string[];
  /** There are sealed passwords in its rows, or were. */
  readonly hasPasswords?: true;
}

/** One step of {@link Datastore.batch}; each means what the method of that name does. */
export type WriteOperation =
  | { readonly kind: 'insert'; readonly collection: string; readonly document: Document }
  | WithId<'update', { readonly patch: Document }>
  | WithId<'replace', { readonly document: Document }>
  | WithId<'upsert', { readonly document: Document }>
  | WithId<'delete', object>;

type WithId<Kind extends string, More> = {
  readonly kind: Kind;
  readonly collection: string;
  readonly id: RowId;
} & More;

/** Params under which a query returns whole rows. */
export type RowParams = Omit<QueryParams, 'single' | 'count' | 'select'> & {
  readonly single?: false | null;
  readonly count?: false | null;
  readonly select?: null;
};

/**
 * Collections of JSON objects, the same over every driver.
 *
 * A write is acknowledged when it is on disk, and seen by every read that starts after. A single
 * write, a batch and an `insertMany` happen as a whole or not at all. Without `sort` rows come in
 * the order of their ids, and rows that tie in a sort do too.
 *
 * Every method throws {@link DatastoreException}: ENOENT for an unknown collection or row, EINVAL for
 * what cannot be stored or asked, EIO when the store cannot be reached, ENOSPC when its disk is full.
 *
 * @example
 * await datastore.requireCollection('users', { key: 'uuid', unique: ['username'] });
 * const id = await datastore.insert('users', { username: 'jdoe', uid: 1000 });
 * await datastore.query('users', [['uid', '>=', 1000]], { sort: 'username', limit: 10 });
 */
export abstract class Datastore {
  /**
   * Makes the collection, or brings its unique keys and indexes to what is declared. Cheap when
   * nothing changed; call it in `init`. Without options an existing collection stays as it is.
   *
   * @throws DuplicateKeyException when present rows break a new unique key
   */
  abstract requireCollection(name: string, options?: CollectionOptions): Promise<void>;
  abstract listCollections(): Promise<readonly CollectionInfo[]>;
  /** Removes the collection and its rows; false when there was none. */
  abstract dropCollection(name: string): Promise<boolean>;

  /** The rows that pass, or what params make of them: see {@link QueryParams}. */
  abstract query<T = StoredRow>(
    collection: string,
    filter?: Filter,
    params?: RowParams | null,
  ): Promise<T[]>;
  abstract query(
    collection: string,
    filter: Filter | undefined,
    params: QueryParams | null | undefined,
  ): Promise<unknown>;

  /**
   * The same rows one by one, without a bound on their number. No snapshot: a row that changes
   * meanwhile is seen before or after the change, an untouched one exactly once.
   */
  abstract queryStream<T = StoredRow>(
    collection: string,
    filter?: Filter,
    params?: QueryParams | null,
    options?: { readonly signal?: AbortSignal },
  ): AsyncIterable<T>;

  abstract count(collection: string, filter?: Filter): Promise<number>;
  abstract exists(collection: string, filter: Filter): Promise<boolean>;
  /** The first row that passes, or null. */
  abstract getOne<T = StoredRow>(
    collection: string,
    filter: Filter,
    params?: Pick<QueryParams, 'sort' | 'dir'>,
  ): Promise<T | null>;
  abstract getById<T = StoredRow>(collection: string, id: RowId): Promise<T | null>;

  /** Stores a new row and returns its id. @throws DuplicateKeyException naming the key */
  abstract insert(collection: string, document: Document): Promise<RowId>;
  /** All of them or none; ids in the order of the documents. */
  abstract insertMany(collection: string, documents: readonly Document[]): Promise<RowId[]>;
  /** Replaces the top-level fields named in `patch`, keeps the others; returns the row as it is then. */
  abstract update<T = StoredRow>(collection: string, id: RowId, patch: Document): Promise<T>;
  /** Puts the document in place of the row; `created_at` stays unless given. @throws ENOENT */
  abstract replace<T = StoredRow>(collection: string, id: RowId, document: Document): Promise<T>;
  /** {@link replace}, or insert under that id when there is no such row. */
  abstract upsert<T = StoredRow>(collection: string, id: RowId, document: Document): Promise<T>;
  /** False when there was no such row. */
  abstract delete(collection: string, id: RowId): Promise<boolean>;
  /** Removes the rows that pass and returns how many. */
  abstract deleteMany(collection: string, filter: Filter): Promise<number>;

  /**
   * Patches the first row that passes, in one step: of several callers that want the same row, one
   * gets it and the others the next or null.
   *
   * @example
   * const job = await datastore.claim('jobs', [['state', '=', 'free']], { state: 'taken', by: me });
   */
  abstract claim<T = StoredRow>(
    collection: string,
    filter: Filter,
    patch: Document,
    params?: Pick<QueryParams, 'sort' | 'dir'>,
  ): Promise<T | null>;

  /** All operations in order, or none. Returns what each method returns. */
  abstract batch(operations: readonly WriteOperation[]): Promise<unknown[]>;

  /** Adds to a named counter, which starts at 0, and returns its new value. */
  abstract increment(counter: string, by?: number): Promise<number>;
}

/** What a change of the configuration touched. */
export interface ConfigChange {
  readonly operation: 'set' | 'delete';
  readonly keys: readonly string[];
}

/**
 * Settings under dotted keys (`service.ssh.port`), any JSON value each.
 *
 * @example
 * await configstore.set('service.ssh.port', 2222);
 * await configstore.get('service.ssh.port', 22); // 2222
 * await configstore.node('service.ssh').update({ port: 22, banner: { enabled: true } });
 */
export abstract class ConfigStore {
  /** The value, or `fallback` (null when not given) when the key is not set. */
  abstract get<T = unknown>(key: string): Promise<T | null>;
  abstract get<T>(key: string, fallback: T): Promise<T>;
  abstract set(key: string, value: unknown): Promise<void>;
  /** All of them or none, one change event. */
  abstract setMany(values: Readonly<Record<string, unknown>>): Promise<void>;
  abstract exists(key: string): Promise<boolean>;
  /** False when the key was not set. */
  abstract delete(key: string): Promise<boolean>;
  /** The keys below a prefix, in order; without one all keys. */
  abstract listChildren(prefix?: string): Promise<string[]>;
  /** The part of the configuration below a key. */
  abstract node(prefix: string): ConfigNode;
  /** Calls back after each change is on disk, with the keys it touched; returns how to stop that. */
  abstract onChange(listener: (change: ConfigChange) => void): () => void;
}

/** A part of the configuration as one object; its keys are relative to the node. */
export interface ConfigNode {
  get<T = unknown>(key: string): Promise<T | null>;
  set(key: string, value: unknown): Promise<void>;
  /** Sets every leaf of a nested object; what it does not name stays. All or none. */
  update(values: Readonly<Record<string, unknown>>): Promise<void>;
  /** All keys of the node as one nested object. */
  toObject(): Promise<Record<string, unknown>>;
  node(key: string): ConfigNode;
}

/** The datastore refused or failed; the message names the collection and the cause. */
export class DatastoreException extends RpcException {}

/** A row with the same id or unique key is there already; `extra` names collection and fields. */
export class DuplicateKeyException extends DatastoreException {
  declare readonly extra: { readonly collection: string; readonly fields: readonly string[] };

  constructor(collection: string, fields: readonly string[]) {
    super(
      Errno.EEXIST,
      `Collection ${collection}: a row with the same ${fields.join(', ')} exists already`,
      { collection, fields },
    );
  }
}
