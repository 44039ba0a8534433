import { Errno } from '../common/index.js';
import {
  compilePredicate,
  sortRows,
  type SortKey,
  type GroupCondition,
} from '../common/query/index.js';
import {
  boundBatches,
  type ChangeOptions,
  type ClaimRequest,
  type CountRequest,
  type DatastoreDriver,
  type Fields,
  type FindRequest,
  StoreTakenException,
  type WriteOutcome,
  type WriteStep,
} from '../datastore/index.js';
import {
  type CollectionInfo,
  DatastoreException,
  DuplicateKeyException,
  type RowId,
  type StoredRow,
} from '../sdk/index.js';
import { MemoryTable } from './memory-table.js';

/** What outlives a driver. */
export class MemoryStore {
  readonly tables = new Map<string, MemoryTable>();
  readonly counters = new Map<string, number>();
  term = 0;
}

/**
 * Rows in the memory of the process, for tests. Every search reads all rows of its collection.
 * The methods are asynchronous because the port is; the work of each is done in one go.
 */
/* eslint-disable @typescript-eslint/require-await -- a rejection, never a throw */
export class MemoryDriver implements DatastoreDriver {
  readonly description = 'memory of the process';
  #isClosed = false;

  /** @param store another driver may be opened on the same later */
  constructor(private readonly store = new MemoryStore()) {}

  async loadCollections(): Promise<readonly CollectionInfo[]> {
    return Array.from(this.#tables.values(), ({ definition }) => definition);
  }

  async saveCollection(collection: CollectionInfo, options?: ChangeOptions): Promise<void> {
    this.#assertGuard(options);
    const present = this.#tables.get(collection.name) ?? new MemoryTable(collection);
    this.#tables.set(collection.name, present.redefined(collection));
  }

  async dropCollection(name: string, options?: ChangeOptions): Promise<void> {
    this.#assertGuard(options);
    this.#tables.delete(name);
  }

  async get(collection: CollectionInfo, id: RowId): Promise<StoredRow | null> {
    const row = this.#table(collection).get(id);
    return row === null ? null : copyOf(row);
  }

  find(request: FindRequest): AsyncIterable<readonly StoredRow[]> {
    const found = this.#found(request);
    return request.mode === 'snapshot' ? boundBatches(found, request.maxBytes) : found;
  }

  async *#found({ collection, filter, sort, offset, limit }: FindRequest) {
    const rows = this.#passing(collection, filter, sort).slice(offset, offset + limit);
    if (rows.length > 0) yield rows.map(copyOf);
  }

  async count({ collection, filter }: CountRequest): Promise<number> {
    return this.#passing(collection, filter).length;
  }

  async write(
    steps: readonly WriteStep[],
    options?: ChangeOptions,
  ): Promise<readonly WriteOutcome[]> {
    this.#assertGuard(options);
    const undo = Array.from(this.#tables.values(), (table) => table.snapshot());
    try {
      return steps.map((step) => this.#apply(step));
    } catch (error) {
      for (const restore of undo) restore();
      throw error;
    }
  }

  async claim(
    { collection, filter, sort, patch }: ClaimRequest,
    options?: ChangeOptions,
  ): Promise<StoredRow | null> {
    this.#assertGuard(options);
    const [row] = this.#passing(collection, filter, sort);
    if (row === undefined) return null;
    return copyOf(this.#table(collection).put(row.id, merged(row, patch)));
  }

  async removeWhere(
    { collection, filter }: CountRequest,
    options?: ChangeOptions,
  ): Promise<number> {
    this.#assertGuard(options);
    const rows = this.#passing(collection, filter);
    for (const { id } of rows) this.#table(collection).remove(id);
    return rows.length;
  }

  async increment(counter: string, by: number, options?: ChangeOptions): Promise<number> {
    this.#assertGuard(options);
    const value = (this.store.counters.get(counter) ?? 0) + by;
    this.store.counters.set(counter, value);
    return value;
  }

  async listCounters(): Promise<ReadonlyMap<string, number>> {
    return new Map(this.store.counters);
  }

  async lastSerial(collection: CollectionInfo): Promise<number> {
    return this.#table(collection).lastSerial;
  }

  async raiseSerial(
    collection: CollectionInfo,
    atLeast: number,
    options?: ChangeOptions,
  ): Promise<void> {
    this.#assertGuard(options);
    const table = this.#table(collection);
    table.lastSerial = Math.max(table.lastSerial, atLeast);
  }

  async currentTerm(): Promise<number> {
    return this.store.term;
  }

  async raiseTerm(from: number): Promise<boolean> {
    if (this.store.term !== from) return false;
    this.store.term += 1;
    return true;
  }

  async check(): Promise<void> {
    this.#assertOpen();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  get #tables(): Map<string, MemoryTable> {
    this.#assertOpen();
    return this.store.tables;
  }

  #assertOpen(): void {
    if (!this.#isClosed) return;
    throw new DatastoreException(Errno.EIO, 'Datastore in memory: it was closed');
  }

  #assertGuard({ guard }: ChangeOptions = {}): void {
    if (guard !== undefined && guard.term !== this.store.term) throw new StoreTakenException();
  }

  #table({ name }: CollectionInfo): MemoryTable {
    const table = this.#tables.get(name);
    if (table !== undefined) return table;
    throw new DatastoreException(Errno.ENOENT, `Collection ${name} not found`, {
      collection: name,
    });
  }

  #passing(collection: CollectionInfo, filter: GroupCondition, sort: readonly SortKey[] = []) {
    const passes = compilePredicate(filter);
    const rows = this.#table(collection).rows().filter(passes);
    return sortRows(rows, sort) as readonly StoredRow[];
  }

  #apply(step: WriteStep): WriteOutcome {
    const table = this.#table(step.collection);
    switch (step.kind) {
      case 'insert': {
        const id = step.id ?? table.lastSerial + 1;
        if (table.get(id) !== null) throw new DuplicateKeyException(step.collection.name, ['id']);
        table.put(id, step.fields);
        return { kind: 'inserted', id };
      }
      case 'update': {
        const row = existing(table, step.id);
        return written(table.put(step.id, merged(row, step.fields)));
      }
      case 'replace':
        return written(table.put(step.id, kept(existing(table, step.id), step)));
      case 'upsert':
        return written(table.put(step.id, kept(table.get(step.id), step)));
      case 'delete':
        return { kind: 'deleted', found: table.remove(step.id) };
    }
  }
}

function existing(table: MemoryTable, id: RowId): StoredRow {
  const row = table.get(id);
  if (row !== null) return row;
  const { name } = table.definition;
  throw new DatastoreException(Errno.ENOENT, `Collection ${name}: no row with id ${id}`, {
    collection: name,
    id,
  });
}

function written(row: StoredRow): WriteOutcome {
  return { kind: 'written', row: copyOf(row) };
}

/** The row's id among them: it is the one that the result is put under. */
function merged(row: StoredRow, patch: Fields): Fields {
  return { ...row, ...patch };
}

/** Sticky fields keep the value of the row that is replaced, unless the new one brings its own. */
function kept(row: StoredRow | null, { fields, sticky }: { fields: Fields; sticky: Fields }) {
  const stuck = Object.entries(sticky).map(([key, value]) => [key, row?.[key] ?? value]);
  return { ...(Object.fromEntries(stuck) as Fields), ...fields };
}

/** What a reader does to a row is not done to the store. */
function copyOf(row: StoredRow): StoredRow {
  return copyValue(row) as StoredRow;
}

function copyValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return new Date(value);
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (Array.isArray(value)) return value.map(copyValue);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyValue(item)]));
}
