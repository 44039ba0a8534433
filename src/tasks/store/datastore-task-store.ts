import { coded, Errno, isDispatcherError, messageOf, RpcException } from '../../common/index.js';
import type { Filter, QueryParams } from '../../common/query/index.js';
import type { TermGuard } from '../../cluster/index.js';
import { type DocumentStore, StoreTakenException } from '../../datastore/index.js';
import type { Clock } from '../../events/index.js';
import type { Logger, WriteOperation } from '../../sdk/index.js';
import type { StoredTask } from '../row/task-row.js';
import { END_STATES } from '../row/task-state.js';
import type { HistoryBounds, TaskStore } from './task-store.js';

/** The collection of all tasks. */
export const TASKS = 'tasks';

const MAX_BATCH = 1_000;
/** How many first rows are worth a flush of their own while another is under way. */
const OVERLAP_FROM = 8;
const MAX_UNDER_WAY = 4;
const RETRY_MS = 200;
const MAX_RETRY_MS = 5_000;
/** A row that no store could keep; anything else is the store's trouble and may pass. */
const ROWS_FAULT = new Set<Errno>([Errno.EINVAL, Errno.EOVERFLOW, Errno.EEXIST]);

export interface TaskStoreDependencies {
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told when the store goes away, with the reason, and with null when it is back. */
  readonly onFailure: (failure: RpcException | null) => void;
  /** In a cluster: what entitles to write, and who is told when the store says that it does not any more. */
  readonly term?: { readonly guard: TermGuard; readonly onOver: () => void };
}

/** A row that is not on disk yet, and the promise of all who wait for that. */
class Pending {
  readonly written: Promise<void>;
  resolve!: (when?: Promise<void>) => void;
  reject!: (error: unknown) => void;

  constructor(
    public row: StoredTask,
    readonly isNew: boolean,
  ) {
    this.written = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/**
 * Writes rows behind, many at a time: whatever comes while one flush is under way goes out with the
 * next, as one batch and in the order in which it came. First rows do not wait for other first rows:
 * they have no order among each other, and the store would idle while they are made ready. A row is
 * written whole, so that a batch whose answer was lost can be written again.
 */
export class DatastoreTaskStore implements TaskStore {
  /** In the order of the last `save` of each, which is the order on disk. */
  #dirty = new Map<number, Pending>();
  /** First rows that could not be written, for all that is known, and must not turn up later. */
  readonly #disowned = new Set<number>();
  /** All that were ever given up: nothing more is written of them. */
  readonly #refused = new Set<number>();
  #failure: RpcException | null = null;
  /** Flushes that have not come back; all are of first rows when there are several. */
  #underWay = 0;
  #isChangeUnderWay = false;
  /** Settled once all flushes that were begun have ended. */
  #ended: Promise<unknown> = Promise.resolve();
  #isScheduled = false;
  #cancelRetry: (() => void) | null = null;
  #retryMs = RETRY_MS;
  #isClosed = false;
  #isAbandoned = false;

  private constructor(
    private readonly dependencies: TaskStoreDependencies,
    private lastId: number,
  ) {}

  static async open(dependencies: TaskStoreDependencies): Promise<DatastoreTaskStore> {
    const { store } = dependencies;
    const indexes = ['state', 'idempotency_key'];
    await store.requireCollection(TASKS, { key: 'serial', timestamps: 'none', indexes });
    const last = (await store.lastSerial(await store.collection(TASKS))) ?? 0;
    return new DatastoreTaskStore(dependencies, last);
  }

  get failure(): RpcException | null {
    return this.#failure;
  }

  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  save(row: StoredTask): Promise<void> {
    if (this.#refused.has(row.id)) return Promise.reject(coded('TASK_NOT_FOUND'));
    return this.#add(row, false);
  }

  create(row: StoredTask): Promise<void> {
    if (this.#failure === null) return this.#add(row, true);
    this.#refused.add(row.id);
    return Promise.reject(this.#failure);
  }

  async get(id: number): Promise<StoredTask | null> {
    return this.dependencies.store.getById<StoredTask>(TASKS, id);
  }

  query(filter: Filter, params: QueryParams | null | undefined): Promise<unknown> {
    return this.dependencies.store.query(TASKS, filter, params);
  }

  async findByKey(idempotencyKey: string): Promise<StoredTask | null> {
    const filter: Filter = [['idempotency_key', '=', idempotencyKey]];
    const row = await this.dependencies.store.getOne<StoredTask>(TASKS, filter);
    // one that was given up may lie there until it can be taken back: nobody is to be given its id
    return row === null || this.#refused.has(row.id) ? null : row;
  }

  async unfinished(): Promise<StoredTask[]> {
    const rows: StoredTask[] = [];
    const filter: Filter = [['state', 'nin', [...END_STATES]]];
    for await (const row of this.dependencies.store.queryStream<StoredTask>(TASKS, filter)) {
      rows.push(row);
    }
    return rows;
  }

  /** Unfinished tasks, and of those that ended in the time before the newest end no more than `atMost`. */
  async lastChanged({
    windowMs,
    atMost,
  }: {
    readonly windowMs: number;
    readonly atMost: number;
  }): Promise<StoredTask[]> {
    const ended: Filter = [['state', 'in', [...END_STATES]]];
    const page = { sort: ['-finished_at'], limit: atMost };
    const last = await this.dependencies.store.query<StoredTask>(TASKS, ended, page);
    const newestMs = last[0]?.finished_at?.getTime() ?? 0;
    const recent = last.filter(
      ({ finished_at: at }) => (at?.getTime() ?? 0) >= newestMs - windowMs,
    );
    return [...(await this.unfinished()), ...recent];
  }

  async prune({ maxAgeMs, maxCount }: HistoryBounds, now: Date): Promise<number> {
    const { store } = this.dependencies;
    const ended: Filter = [['state', 'in', [...END_STATES]]];
    const oldest = new Date(now.getTime() - maxAgeMs);
    const aged = await store.deleteMany(TASKS, [...ended, ['finished_at', '<', oldest]]);
    const page = { sort: '-id', offset: maxCount, limit: 1 };
    const [surplus] = await store.query(TASKS, ended, page);
    if (surplus === undefined) return aged;
    return aged + (await store.deleteMany(TASKS, [...ended, ['id', '<=', surplus.id]]));
  }

  /**
   * Writes nothing more, and tells nobody that something is written: another server goes on from what
   * is on disk. Of tasks that have no row yet there are none.
   */
  abandon(): void {
    this.#isAbandoned = true;
    this.#stop();
    for (const pending of this.#dirty.values()) void giveUp(pending);
    this.#dirty.clear();
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#ended;
    while (this.#dirty.size > 0) {
      await this.#flush();
      if (this.#failure !== null) return; // the store is still away
    }
  }

  #stop(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }

  #add(row: StoredTask, isNew: boolean): Promise<void> {
    if (this.#isAbandoned) return giveUp(new Pending(row, isNew));
    const pending = this.#dirty.get(row.id) ?? new Pending(row, isNew);
    pending.row = row;
    this.#dirty.delete(row.id); // what is written later goes behind what was written before
    this.#dirty.set(row.id, pending);
    this.#schedule();
    return pending.written;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // together with what else this tick brings
    setImmediate(() => {
      this.#isScheduled = false;
      this.#goOn();
    });
  }

  /** Begins the next flush, unless it has to wait for those under way or for the store. */
  #goOn(): void {
    if (this.#cancelRetry !== null || this.#isClosed) return;
    if (this.#dirty.size === 0 && this.#disowned.size === 0) return;
    if (this.#underWay > 0 && !this.#mayOverlap()) return;
    this.#ended = Promise.all([this.#ended, this.#flush()]);
  }

  #mayOverlap(): boolean {
    if (this.#isChangeUnderWay || this.#underWay === MAX_UNDER_WAY) return false;
    return this.#dirty.size >= OVERLAP_FROM && !hasChange(this.#dirty.values());
  }

  async #flush(): Promise<void> {
    const batch = this.#take();
    this.#underWay += 1;
    this.#isChangeUnderWay = hasChange(batch);
    const isWritten = await this.#tryToWrite(batch);
    this.#underWay -= 1;
    this.#isChangeUnderWay = false; // it was alone, if it was one
    this.#goOn(); // the store first: those who wait for this flush have work for the next
    if (this.#isAbandoned) for (const pending of batch) void giveUp(pending);
    else if (isWritten) for (const pending of batch) pending.resolve();
  }

  async #tryToWrite(batch: readonly Pending[]): Promise<boolean> {
    try {
      await this.#write(batch);
    } catch (error) {
      if (!this.#isTaken(error)) await this.#failed(batch, error);
      return false;
    }
    // a flush begun before the failure proves nothing
    if (this.#failure !== null && this.#cancelRetry === null) this.#recovered();
    return true;
  }

  #isTaken(error: unknown): boolean {
    const { term } = this.dependencies;
    if (term === undefined || !(error instanceof StoreTakenException)) return false;
    this.abandon();
    term.onOver();
    return true;
  }

  /** What is written next; not what became of a task while its first row was being refused. */
  #take(): readonly Pending[] {
    const batch = [...this.#dirty.values()].slice(0, MAX_BATCH);
    if (batch.length === this.#dirty.size) this.#dirty.clear();
    else for (const { row } of batch) this.#dirty.delete(row.id);
    if (this.#refused.size === 0) return batch;
    return batch.filter((pending) => {
      if (!this.#refused.has(pending.row.id)) return true;
      pending.reject(coded('TASK_NOT_FOUND'));
      return false;
    });
  }

  async #write(batch: readonly Pending[]): Promise<void> {
    const disowned = [...this.#disowned];
    const operations: WriteOperation[] = [
      ...disowned.map((id) => ({ kind: 'delete', collection: TASKS, id }) as const),
      ...batch.map(toWrite),
    ];
    const { store, term } = this.dependencies;
    await store.write(operations, term === undefined ? {} : { guard: term.guard });
    for (const id of disowned) this.#disowned.delete(id);
  }

  async #failed(batch: readonly Pending[], error: unknown): Promise<void> {
    const failure = asFailure(error);
    if (!ROWS_FAULT.has(failure.code)) this.#postpone(batch, failure);
    else if (batch.length > 1) for (const pending of batch) await this.#retryAlone(pending);
    else for (const pending of batch) this.#refuse(pending, failure);
  }

  #refuse(pending: Pending, failure: RpcException): void {
    if (pending.isNew) this.#refused.add(pending.row.id);
    pending.reject(failure);
  }

  /** One row that cannot be stored must not take the others of its batch along. */
  async #retryAlone(pending: Pending): Promise<void> {
    try {
      await this.#write([pending]);
      pending.resolve();
    } catch (error) {
      if (this.#isTaken(error)) void giveUp(pending);
      else await this.#failed([pending], error);
    }
  }

  /** Tasks nobody has been told of are given up; the rows of the others go on waiting. */
  #postpone(batch: readonly Pending[], failure: RpcException): void {
    const kept = new Map<number, Pending>();
    for (const pending of batch) {
      const { row, isNew } = pending;
      if (!isNew) kept.set(row.id, pending);
      else {
        this.#disowned.add(row.id);
        this.#refuse(pending, failure);
      }
    }
    const newer = this.#dirty;
    this.#dirty = kept;
    for (const [id, pending] of newer) {
      kept.get(id)?.resolve(pending.written);
      kept.delete(id);
      kept.set(id, pending);
    }
    if (this.#failure === null) {
      this.dependencies.logger.error(failure.message);
      this.#failure = failure;
      this.dependencies.onFailure(failure);
    }
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#isClosed || this.#cancelRetry !== null) return;
    this.#cancelRetry = this.dependencies.clock.after(this.#retryMs, () => {
      this.#cancelRetry = null;
      this.#goOn();
    });
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }

  #recovered(): void {
    this.dependencies.logger.info('Tasks are stored again');
    this.#failure = null;
    this.#retryMs = RETRY_MS;
    this.dependencies.onFailure(null);
  }
}

/** Nobody goes on from a row of which it is not known whether it is there. */
function giveUp(pending: Pending): Promise<void> {
  if (pending.isNew) pending.reject(coded('NO_LEADER'));
  return pending.written;
}

function hasChange(rows: Iterable<Pending>): boolean {
  for (const { isNew } of rows) if (!isNew) return true;
  return false;
}

function toWrite({ row, isNew }: Pending): WriteOperation {
  const document = { ...row };
  if (isNew) return { kind: 'insert', collection: TASKS, document };
  return { kind: 'upsert', collection: TASKS, id: row.id, document };
}

function asFailure(error: unknown): RpcException {
  const code = isDispatcherError(error) ? error.code : Errno.EIO;
  return new RpcException(code, `Tasks cannot be stored: ${messageOf(error)}`, undefined, {
    cause: error,
  });
}
