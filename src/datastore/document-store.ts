import { coded, Errno } from '../common/index.js';
import type { RowFeed } from '../cluster/index.js';
import {
  assertRowCount,
  type Filter,
  finish,
  projector,
  type QueryLimits,
  type QueryParams,
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
import { assertCollectionName } from './definition.js';
import { Definitions } from './definitions.js';
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
import type { RowVersions, RowVersionsTiming } from './row-versions.js';
import { RowSealer } from './sealing/row-sealer.js';
import type { SecretBox } from './sealing/secret-box.js';
import { StoreTerm } from './store-term.js';
import { shareRows } from './shared-rows.js';
import { QueryPlanner } from './query-planner.js';
import { type Now, resultOf, WritePreparer } from './write-preparer.js';

export interface DocumentStoreOptions {
  readonly limits?: Partial<QueryLimits>;
  readonly clock?: Now;
  /** Seals the passwords in rows. Without it new ones are refused and stored ones stay closed. */
  readonly secrets?: SecretBox;
  /** Told when changes begin to fail, with the reason, and with null when they work again. */
  readonly onWritable?: (failure: string | null) => void;
}

/** The counter that is counted up to see whether changes work again. */
const PROBE = 'health.probe';

/**
 * The datastore as everyone sees it, over whatever driver was opened. It checks what comes in, once
 * for all drivers, and leaves them rows to keep and to find.
 */
export class DocumentStore extends Datastore implements MetricsSource {
  readonly #planner: QueryPlanner;
  readonly #sealer: RowSealer;
  readonly #prepare: WritePreparer;
  readonly #definitions: Definitions;
  readonly #watchers = new RowWatchers();
  #versions: RowVersions | null = null;

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
    this.#definitions = new Definitions(this.driver, this.term);
    this.#planner = new QueryPlanner(options.limits);
    this.#sealer = new RowSealer(options.secrets ?? null);
    this.#prepare = new WritePreparer(options.clock ?? (() => new Date()), (password) =>
      this.#sealer.seal(password),
    );
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

  async close(): Promise<void> {
    await this.#versions?.close();
    await this.driver.close();
  }

  /** Other servers write the store, too: from now on each knows what the others do. To be called first of all. */
  async share(feed: RowFeed, timing?: RowVersionsTiming): Promise<void> {
    if (!feed.isShared()) return;
    const write = (step: WriteStep) => this.term.change((own) => this.driver.write([step], own));
    const parts = { watchers: this.#watchers, definitions: this.#definitions, write, timing };
    this.#versions = await shareRows({ store: this, ...parts }, feed);
  }

  get isShared(): boolean {
    return this.#versions !== null;
  }

  /**
   * Null where it is known already that what this server keeps in memory is what others have written.
   *
   * @throws (rejects with) RpcException EIO when it cannot be found out
   */
  whenCurrent(): Promise<void> | null {
    const confirmed = this.#versions?.confirm() ?? null;
    if (confirmed === null) return null;
    return confirmed.then((isCurrent) => {
      if (!isCurrent) throw coded('ROWS_UNKNOWN');
    });
  }

  /** @throws RpcException EIO while others may have written what this server keeps in memory, and it cannot know */
  assertCurrent(): void {
    if (this.#versions?.isCurrent === false) throw coded('ROWS_UNKNOWN');
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
    return this.#definitions.require(name, options);
  }

  /** Writes a definition as it is; for tools that move stores, others call requireCollection. */
  saveDefinition(definition: CollectionInfo): Promise<void> {
    return this.#definitions.save(definition);
  }

  /** Passwords may lie in the collection that were sealed before definitions told of them. */
  expectPasswords(collection: CollectionInfo): Promise<void> {
    return this.#definitions.expectPasswords({ ...collection, hasPasswords: true });
  }

  listCollections(): Promise<readonly CollectionInfo[]> {
    return this.#definitions.list();
  }

  async dropCollection(name: string): Promise<boolean> {
    const change = { collection: name, operation: 'delete' } as const;
    const drop = () => this.#definitions.drop(name);
    return this.#watchers.change(change, drop, (wasThere) => (wasThere ? null : undefined));
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
    const { condition, ...plan } = this.#planner.plan(filter, params);
    const collection = await this.collection(name);
    if (plan.outcome === 'count') return this.driver.count({ collection, filter: condition });
    const request = this.#planner.request(collection, condition, plan);
    const rows: StoredRow[] = [];
    for await (const batch of this.driver.find(request)) {
      for (const row of batch) rows.push(this.#read(name, row));
    }
    assertRowCount(rows.length, this.#planner.limits.rows);
    return finish(rows, plan, this.#planner.limits.answerBytes);
  }

  async *queryStream<T = StoredRow>(
    name: string,
    filter: Filter = null,
    params?: QueryParams | null,
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<T, void, undefined> {
    const { condition, ...plan } = this.#planner.plan(filter, params);
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
      maxBytes: this.#planner.maxBytes,
    };
    for await (const batch of this.driver.find(request)) {
      for (const row of batch) {
        options.signal?.throwIfAborted();
        yield project(this.#read(name, row)) as T;
      }
    }
  }

  async count(name: string, filter: Filter = null): Promise<number> {
    const condition = this.#planner.condition(filter);
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
    if (!isRowId(id)) return null;
    const row = await this.driver.get(collection, id);
    return row === null ? null : (this.#read(name, row) as T);
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
    const condition = this.#planner.condition(filter);
    const collection = await this.collection(name);
    const request = { collection, filter: condition };
    const remove = () => this.term.change((own) => this.driver.removeWhere(request, own));
    const change = { collection: name, operation: 'delete' } as const;
    return this.#watchers.change(change, remove, (removed) => (removed > 0 ? null : undefined));
  }

  async claim<T = StoredRow>(
    name: string,
    filter: Filter,
    patch: Document,
    params: Pick<QueryParams, 'sort' | 'dir'> = {},
  ): Promise<T | null> {
    const { condition, sort } = this.#planner.plan(filter, params);
    const { collection, fields } = this.#prepare.patch(await this.collection(name), patch);
    await this.#definitions.expectPasswords(collection);
    const request: ClaimRequest = { collection, filter: condition, sort, patch: fields };
    const row = await this.#watchers.change(
      { collection: name, operation: 'update' },
      () => this.term.change((options) => this.driver.claim(request, options)),
      (claimed) => (claimed === null ? undefined : [claimed.id]),
    );
    return row === null ? null : (this.#read(name, row) as T);
  }

  async batch(operations: readonly WriteOperation[]): Promise<unknown[]> {
    const outcomes = await this.#carryOut(operations);
    return outcomes.map((outcome, index) => {
      const { collection = '' } = operations[index] ?? {};
      return this.#read(collection, resultOf(outcome));
    });
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
    for (const step of steps) await this.#definitions.expectPasswords(step.collection);
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
  collection(name: string): Promise<CollectionInfo> {
    return this.#definitions.get(name);
  }

  async #carryOut(
    operations: readonly WriteOperation[],
    options?: WriteOptions,
  ): Promise<readonly WriteOutcome[]> {
    if (operations.length === 0) return [];
    const steps: WriteStep[] = [];
    for (const operation of operations) {
      const { collection: name } = operation;
      const collection = this.#definitions.seen(name) ?? (await this.collection(name));
      const step = this.#prepare.step(collection, operation);
      if (step.collection !== collection) await this.#definitions.expectPasswords(step.collection);
      steps.push(step);
    }
    return this.#watchers.batch(steps, (all) =>
      this.term.change((by) => this.driver.write(all, { ...options, ...by }), options?.guard),
    );
  }

  #read<T>(name: string, row: T): T {
    return this.#definitions.mayHavePasswords(name) ? this.#sealer.close(row) : row;
  }
}
