import { Errno } from '../common/index.js';
import type { GroupCondition, SortKey } from '../common/query/index.js';
import {
  type CollectionInfo,
  DatastoreException,
  type RowId,
  type StoredRow,
} from '../sdk/datastore.js';

/**
 * What a driver is asked. The store in front of it has checked names, documents, filters and ids
 * and has set ids and timestamps; a driver keeps rows, finds them, and keeps its promises:
 *
 * - a promise of a write resolves when the write is on disk; reads that start then see it;
 * - the rows of `find` are exactly those the predicate of common/query lets through, in the order of
 *   its `sortRows`, ties by id;
 * - it throws DatastoreException and DuplicateKeyException, never an error of its own technology;
 * - nothing of the address it was given that is secret appears in `description` or in an error.
 */
export interface DatastoreDriver {
  /** For logs: technology, version, place. */
  readonly description: string;
  /** How often the store brought writes to the disk; undefined where only the store itself knows. */
  readonly flushes?: number | undefined;
  loadCollections(): Promise<readonly CollectionInfo[]>;
  /** Creates the collection or brings it to this definition. */
  saveCollection(collection: CollectionInfo, options?: ChangeOptions): Promise<void>;
  dropCollection(name: string, options?: ChangeOptions): Promise<void>;
  get(collection: CollectionInfo, id: RowId): Promise<StoredRow | null>;
  /** Rows in batches; ends its work when the consumer stops. */
  find(request: FindRequest): AsyncIterable<readonly StoredRow[]>;
  count(request: CountRequest): Promise<number>;
  /** All steps or none, in order. */
  write(steps: readonly WriteStep[], options?: WriteOptions): Promise<readonly WriteOutcome[]>;
  /** Patches the first row that passes, atomically. */
  claim(request: ClaimRequest, options?: ChangeOptions): Promise<StoredRow | null>;
  removeWhere(request: CountRequest, options?: ChangeOptions): Promise<number>;
  increment(counter: string, by: number, options?: ChangeOptions): Promise<number>;
  /** The counters of callers, by name. */
  listCounters(): Promise<ReadonlyMap<string, number>>;
  /** The highest number a serial collection has given out or taken. */
  lastSerial(collection: CollectionInfo): Promise<number>;
  /** Makes a serial collection go on after this number, should it not be past it. */
  raiseSerial(collection: CollectionInfo, atLeast: number, options?: ChangeOptions): Promise<void>;
  /** The term that guarded changes have to bear; 0 in a store that had none. */
  currentTerm(): Promise<number>;
  /**
   * Begins the term after `from`: whatever is guarded by an earlier one is refused from then on, what
   * is under way included. False when `from` is not the present one, for somebody else was quicker.
   */
  raiseTerm(from: number): Promise<boolean>;
  /** Rejects when the store is not what was opened: gone, replaced, out of reach. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/**
 * What entitles to a change. It is looked at where the change is made and as one with it: a batch
 * with another term than the store's fails as a whole with a {@link StoreTakenException}, however
 * late it arrives.
 */
export interface WriteGuard {
  readonly term: number;
}

export interface ChangeOptions {
  readonly guard?: WriteGuard;
}

export interface WriteOptions extends ChangeOptions {
  /** The caller wants no outcomes: where that is cheaper, there need not be any. */
  readonly isUntold?: boolean;
}

export interface CountRequest {
  readonly collection: CollectionInfo;
  /** Parsed, and judged by what it costs. */
  readonly filter: GroupCondition;
}

export interface FindRequest extends CountRequest {
  readonly sort: readonly SortKey[];
  readonly offset: number;
  readonly limit: number;
  /** `snapshot`: as of one moment where the store can, the caller holds the rows anyway; `stream`: any number. */
  readonly mode: 'snapshot' | 'stream';
  /** Most bytes of rows that may be held at a time for it, about as they are stored; more is refused. */
  readonly maxBytes: number;
}

/** The refusal of a query for which more would have to be held than {@link FindRequest} allows. */
export function rowsTooLarge(maxBytes: number): DatastoreException {
  return new DatastoreException(
    Errno.EOVERFLOW,
    `The rows that the query reads have more than ${maxBytes} bytes: narrow the filter, pass a limit or use a stream`,
  );
}

export interface ClaimRequest extends CountRequest {
  readonly sort: readonly SortKey[];
  readonly patch: Fields;
}

/** A document's fields without `id`. */
export type Fields = Readonly<Record<string, unknown>>;

/** `sticky` fields keep the value of the row that is replaced; a new row gets the one given. */
export type WriteStep =
  | {
      readonly kind: 'insert';
      readonly collection: CollectionInfo;
      readonly id: RowId | null;
      readonly fields: Fields;
    }
  | {
      readonly kind: 'update';
      readonly collection: CollectionInfo;
      readonly id: RowId;
      readonly fields: Fields;
    }
  | {
      readonly kind: 'replace' | 'upsert';
      readonly collection: CollectionInfo;
      readonly id: RowId;
      readonly fields: Fields;
      readonly sticky: Fields;
    }
  | { readonly kind: 'delete'; readonly collection: CollectionInfo; readonly id: RowId };

/** The id of an insert, the row after an update, whether a delete found its row. */
export type WriteOutcome =
  | { readonly kind: 'inserted'; readonly id: RowId }
  | { readonly kind: 'written'; readonly row: StoredRow }
  | { readonly kind: 'deleted'; readonly found: boolean };

/** Told when the store is lost and found again. */
export interface DriverEvents {
  readonly onStateChange: (state: 'reachable' | 'unreachable', cause: string) => void;
}

/** Opens a store at an address. Rejects with a DatastoreException that says what is wrong with it. */
export type DriverFactory = (dsn: string, events: DriverEvents) => Promise<DatastoreDriver>;

/** The drivers of this server by the name the configuration uses; filled by the composition root. */
export type DriverRegistry = ReadonlyMap<string, DriverFactory>;

/** A change was refused because its term is over: another server works on the store now. */
export class StoreTakenException extends DatastoreException {
  constructor() {
    super(
      Errno.EIO,
      'Another server has taken over the store: nothing more is written by this one',
    );
  }
}
