import { Errno } from '../common/index.js';
import {
  assertAffordable,
  assertRowCount,
  DEFAULT_QUERY_LIMITS,
  type Filter,
  finish,
  type GroupCondition,
  parseFilter,
  parseParams,
  projector,
  type QueryLimits,
  type QueryParams,
  type QueryPlan,
} from '../common/query/index.js';
import {
  type CollectionInfo,
  type CollectionOptions,
  Datastore,
  DatastoreException,
  type Document,
  type RowId,
  type StoredRow,
  type WriteOperation,
} from '../sdk/datastore.js';
import type { MetricFamily, MetricsSource } from '../metrics/index.js';
import { assertCollectionName, defineCollection } from './definition.js';
import type {
  ChangeOptions,
  ClaimRequest,
  DatastoreDriver,
  FindRequest,
  WriteOptions,
  WriteOutcome,
  WriteStep,
} from './driver.js';
import { MeteredDriver } from './metered-driver.js';
import { WriteHealth } from './write-health.js';
import { isRowId } from './row-id.js';
import { type RowChange, type RowListener, RowWatchers } from './row-watchers.js';
import { Semaphore } from './semaphore.js';
import { StoreTerm } from './store-term.js';
import { type Now, resultOf, WritePreparer } from './write-preparer.js';
import { chargedFilter } from './trusted-conditions.js';

export interface DocumentStoreOptions {
  readonly limits?: Partial<QueryLimits>;
  readonly clock?: Now;
  /** Told when changes begin to fail, with the reason, and with null when they work again. */
  readonly onWritable?: (failure: string | null) => void;
}

type Planned = QueryPlan & { readonly condition: GroupCondition };

/** Of an answer's bytes may be held in rows meanwhile: what `select` takes of them may be a small part. */
const HELD_PER_ANSWER = 4;

/** The counter that is counted up to see whether changes work again. */
const PROBE = 'health.probe';

/**
 * The datastore as everyone sees it, over whatever driver was opened. It checks what comes in, once
 * for all drivers, and leaves them rows to keep and to find.
 */
export class DocumentStore extends Datastore implements MetricsSource {
  readonly #limits: QueryLimits;
  readonly #maxBytes: number;
  readonly #prepare: WritePreparer;
  readonly #definitions = new Map<string, CollectionInfo>();
  // Definitions are read, changed and written back: one at a time
  readonly #definitionLock = new Semaphore(1);
  readonly #watchers = new RowWatchers();

  /** What is written from here bears it. */
  readonly term: StoreTerm;
  private readonly driver: MeteredDriver;

  constructor(driver: DatastoreDriver, options: DocumentStoreOptions = {}) {
    super();
    this.driver = new MeteredDriver(
      driver,
      new WriteHealth(options.onWritable ?? (() => undefined)),
    );
    this.term = new StoreTerm(this.driver);
    this.#limits = { ...DEFAULT_QUERY_LIMITS, ...options.limits };
    this.#maxBytes = HELD_PER_ANSWER * this.#limits.answerBytes;
    this.#prepare = new WritePreparer(options.clock ?? (() => new Date()));
  }

  /** Which store this is, without its secrets. */
  get description(): string {
    return this.driver.description;
  }

  collect(): readonly MetricFamily[] {
    return this.driver.collect();
  }

  /** @throws (rejects with) DatastoreException when the store does not answer */
  async ping(): Promise<void> {
    await this.driver.check();
  }

  /** Why changes fail at present; null when the latest one did not. */
  get writeFailure(): string | null {
    return this.driver.writes.failure;
  }

  /** Tries, after changes have failed, whether they work again, though nobody has one to make. */
  async retryWrites(): Promise<void> {
    const { writes } = this.driver;
    if (writes.failure === null || !writes.mayBeOver) return;
    await this.driver.increment(PROBE, 1).catch(() => undefined); // it is noted
  }

  close(): Promise<void> {
    return this.driver.close();
  }

  /**
   * Follows the rows of a collection, whoever in this server writes them; returns how to stop. For
   * the server's own parts: writes wait for the listener, see {@link RowListener}.
   */
  watch(collection: string, listener: RowListener): () => void {
    return this.#watchers.add(collection, listener);
  }

  /** Tells of every change that is on disk, of whatever collection; nobody waits for the listener. */
  watchAll(listener: (change: RowChange) => void): () => void {
    return this.#watchers.addForAll(listener);
  }

  requireCollection(name: string, options?: CollectionOptions): Promise<void> {
    assertCollectionName(name);
    return this.#definitionLock.run(async () => {
      const present = this.#definitions.get(name) ?? (await this.#load(name));
      if (present !== undefined && options === undefined) return;
      const wanted = defineCollection(name, options ?? {}, present);
      if (present === undefined || JSON.stringify(wanted) !== JSON.stringify(present)) {
        await this.saveDefinition(wanted);
      }
    });
  }

  /** Writes a definition as it is; for tools that move stores, others call requireCollection. */
  async saveDefinition(definition: CollectionInfo): Promise<void> {
    await this.term.change((options) => this.driver.saveCollection(definition, options));
    this.#definitions.set(definition.name, definition);
  }

  async listCollections(): Promise<readonly CollectionInfo[]> {
    const collections = await this.driver.loadCollections();
    return collections.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  dropCollection(name: string): Promise<boolean> {
    return this.#definitionLock.run(async () => {
      if ((await this.#load(name)) === undefined) return false;
      await this.term.change((options) => this.driver.dropCollection(name, options));
      this.#definitions.delete(name);
      await this.#watchers.tell({ collection: name, operation: 'delete', ids: null });
      return true;
    });
  }

  override query<T = StoredRow>(
    collection: string,
    filter?: Filter,
    params?: QueryParams | null,
  ): Promise<T[]>;
  override async query(
    name: string,
    filter: Filter = null,
    params?: QueryParams | null,
  ): Promise<unknown> {
    const { condition, ...plan } = this.#plan(filter, params);
    const collection = await this.collection(name);
    if (plan.outcome === 'count') return this.driver.count({ collection, filter: condition });
    const request = this.#findRequest(collection, condition, plan);
    const rows: StoredRow[] = [];
    for await (const batch of this.driver.find(request)) {
      for (const row of batch) rows.push(row);
    }
    assertRowCount(rows.length, this.#limits.rows);
    return finish(rows, plan, this.#limits.answerBytes);
  }

  async *queryStream<T = StoredRow>(
    name: string,
    filter: Filter = null,
    params?: QueryParams | null,
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<T, void, undefined> {
    const { condition, ...plan } = this.#plan(filter, params);
    if (plan.outcome !== 'rows' || plan.direction === 'reverse') {
      const result = await this.query<T>(name, filter, params);
      yield* Array.isArray(result) ? result : [result]; // single and count stream their one value
      return;
    }
    const collection = await this.collection(name);
    const project = projector(plan);
    const { sort, offset, limit } = plan;
    const request: FindRequest = {
      ...{ collection, filter: condition, sort, offset, limit },
      mode: 'stream',
      maxBytes: this.#maxBytes,
    };
    for await (const batch of this.driver.find(request)) {
      for (const row of batch) {
        options.signal?.throwIfAborted();
        yield project(row) as T;
      }
    }
  }

  async count(name: string, filter: Filter = null): Promise<number> {
    const condition = this.#parse(filter);
    return this.driver.count({ collection: await this.collection(name), filter: condition });
  }

  async exists(name: string, filter: Filter): Promise<boolean> {
    return (await this.getOne(name, filter)) !== null;
  }

  async getOne<T = StoredRow>(
    name: string,
    filter: Filter,
    params: Pick<QueryParams, 'sort' | 'dir'> = {},
  ): Promise<T | null> {
    return (await this.query(name, filter, { ...params, single: true })) as unknown as T | null;
  }

  async getById<T = StoredRow>(name: string, id: RowId): Promise<T | null> {
    const collection = await this.collection(name);
    return isRowId(id) ? ((await this.driver.get(collection, id)) as T | null) : null;
  }

  async insert(collection: string, document: Document): Promise<RowId> {
    const [id] = await this.batch([{ kind: 'insert', collection, document }]);
    return id as RowId;
  }

  async insertMany(collection: string, documents: readonly Document[]): Promise<RowId[]> {
    const operations = documents.map(
      (document) => ({ kind: 'insert', collection, document }) as const,
    );
    return (await this.batch(operations)) as RowId[];
  }

  async update<T = StoredRow>(collection: string, id: RowId, patch: Document): Promise<T> {
    const [row] = await this.batch([{ kind: 'update', collection, id, patch }]);
    return row as T;
  }

  async replace<T = StoredRow>(collection: string, id: RowId, document: Document): Promise<T> {
    const [row] = await this.batch([{ kind: 'replace', collection, id, document }]);
    return row as T;
  }

  async upsert<T = StoredRow>(collection: string, id: RowId, document: Document): Promise<T> {
    const [row] = await this.batch([{ kind: 'upsert', collection, id, document }]);
    return row as T;
  }

  async delete(collection: string, id: RowId): Promise<boolean> {
    const [wasThere] = await this.batch([{ kind: 'delete', collection, id }]);
    return wasThere === true;
  }

  async deleteMany(name: string, filter: Filter): Promise<number> {
    const condition = this.#parse(filter);
    const collection = await this.collection(name);
    const removed = await this.term.change((options) =>
      this.driver.removeWhere({ collection, filter: condition }, options),
    );
    const change = { collection: name, operation: 'delete', ids: null } as const;
    if (removed > 0) await this.#watchers.tell(change);
    return removed;
  }

  async claim<T = StoredRow>(
    name: string,
    filter: Filter,
    patch: Document,
    params: Pick<QueryParams, 'sort' | 'dir'> = {},
  ): Promise<T | null> {
    const { condition, sort } = this.#plan(filter, params);
    const collection = await this.collection(name);
    const request: ClaimRequest = {
      collection,
      filter: condition,
      sort,
      patch: this.#prepare.patch(collection, patch),
    };
    const row = await this.term.change((options) => this.driver.claim(request, options));
    if (row === null) return null;
    await this.#watchers.tell({ collection: name, operation: 'update', ids: [row.id] });
    return row as T | null;
  }

  async batch(operations: readonly WriteOperation[]): Promise<unknown[]> {
    return (await this.#carryOut(operations)).map(resultOf);
  }

  /**
   * As {@link batch}, for who knows what the rows are then: reading them back would be half the cost.
   * For the server's own parts, whose rows bring their ids.
   *
   * @param options - `guard`: what entitles to this batch, if it is not the store's own term
   * @throws (rejects with) StoreTakenException when that is over; nothing of the batch is written then
   */
  async write(operations: readonly WriteOperation[], options: ChangeOptions = {}): Promise<void> {
    await this.#carryOut(operations, { ...options, isUntold: true });
  }

  increment(counter: string, by = 1): Promise<number> {
    assertCollectionName(counter);
    if (!Number.isSafeInteger(by)) {
      throw new DatastoreException(Errno.EINVAL, `Counter ${counter} counts integers`);
    }
    return this.term.change((options) => this.driver.increment(counter, by, options));
  }

  listCounters(): Promise<ReadonlyMap<string, number>> {
    return this.driver.listCounters();
  }

  /** Stores rows as they are, timestamps included; for tools that move stores. */
  async importRows(collection: CollectionInfo, rows: readonly Document[]): Promise<void> {
    const { name } = collection;
    const plain = { ...collection, timestamps: 'none' } as const;
    const steps = rows.map((document) =>
      this.#prepare.step(plain, { kind: 'insert', collection: name, document }),
    );
    await this.term.change((options) => this.driver.write(steps, options));
  }

  /** The last number of a serial collection; null for another. */
  async lastSerial(collection: CollectionInfo): Promise<number | null> {
    return collection.key === 'serial' ? this.driver.lastSerial(collection) : null;
  }

  raiseSerial(collection: CollectionInfo, atLeast: number): Promise<void> {
    return this.term.change((options) => this.driver.raiseSerial(collection, atLeast, options));
  }

  /** @throws DatastoreException ENOENT */
  async collection(name: string): Promise<CollectionInfo> {
    const known = this.#definitions.get(name) ?? (await this.#load(name));
    if (known !== undefined) return known;
    throw new DatastoreException(Errno.ENOENT, `Collection ${name} not found`, {
      collection: name,
    });
  }

  async #carryOut(
    operations: readonly WriteOperation[],
    options?: WriteOptions,
  ): Promise<readonly WriteOutcome[]> {
    if (operations.length === 0) return [];
    const steps: WriteStep[] = [];
    for (const operation of operations) {
      const { collection: name } = operation;
      // a promise for each of a thousand rows would show in the profile
      const collection = this.#definitions.get(name) ?? (await this.collection(name));
      steps.push(this.#prepare.step(collection, operation));
    }
    const outcomes = await this.term.change((own) =>
      this.driver.write(steps, { ...own, ...options }),
    );
    const told = this.#watchers.afterWrite(steps, outcomes);
    if (told !== null) await told;
    return outcomes;
  }

  // Another process may have made it: a miss is looked up, a hit is believed
  async #load(name: string): Promise<CollectionInfo | undefined> {
    for (const definition of await this.driver.loadCollections()) {
      this.#definitions.set(definition.name, definition);
    }
    return this.#definitions.get(name);
  }

  #plan(filter: Filter, params: QueryParams | null | undefined): Planned {
    return { condition: this.#parse(filter, params), ...parseParams(params) };
  }

  /** Before any driver sees it, so that all refuse the same. */
  #parse(filter: Filter, params: QueryParams | null = null): GroupCondition {
    assertAffordable(chargedFilter(filter), params, this.#limits);
    return parseFilter(filter, this.#limits.filterDepth);
  }

  #findRequest(collection: CollectionInfo, filter: GroupCondition, plan: QueryPlan): FindRequest {
    const wanted = plan.outcome === 'single' && plan.direction === 'forward' ? 1 : plan.limit;
    const limit = Math.min(wanted, plan.limit, this.#limits.rows + 1);
    const { sort, offset } = plan;
    return { collection, filter, sort, offset, limit, mode: 'snapshot', maxBytes: this.#maxBytes };
  }
}
