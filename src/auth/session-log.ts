import type { Leadership, NodeDirectory, SessionIds, Unsubscribe } from '../cluster/index.js';
import { Errno, isDispatcherError, messageOf } from '../common/index.js';
import type { DocumentStore } from '../datastore/index.js';
import type { Logger, WriteOperation } from '../sdk/index.js';
import type { SessionRow } from '../wire/index.js';

export const SESSIONS = 'sessions';

const FLUSH_MS = 250;
const MAX_BATCH = 1_000;
/** Rows that wait while the store is away; past it ended sessions are forgotten unwritten. */
const MAX_UNWRITTEN = 20_000;
/** Ended sessions that are kept, and how many new ones come between two clearings. */
const MAX_HISTORY = 10_000;
const PRUNE_EVERY = 1_000;

/** What is known of a session when it begins. */
export type SessionStart = Pick<SessionRow, 'username' | 'address' | 'resource'>;

/** What a node of several knows of the others, whose sessions are in the same rows. */
export interface SessionNodes {
  /** This node. */
  readonly node: string;
  readonly directory: NodeDirectory;
  readonly leadership: Leadership;
}

export interface SessionLogDependencies {
  readonly store: DocumentStore;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly ids: SessionIds;
  /** Null where there is one node. */
  readonly nodes: SessionNodes | null;
}

/**
 * Numbers the sessions and keeps a history of them. A login neither waits for the store nor fails
 * with it: numbers are at hand, and rows are written behind, many at a time; a session that ends
 * meanwhile is written once. Who wants to read the rows calls {@link flush} before.
 *
 * Of several nodes each writes its own sessions. What one leaves open that is gone the leader closes; a
 * node that was only taken to be gone opens them again.
 */
export class SessionLog {
  readonly #live = new Map<number, SessionRow>();
  #unwritten = new Map<number, SessionRow>();
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #isStoreAway = false;
  readonly #stops: Unsubscribe[] = [];

  private constructor(private readonly dependencies: SessionLogDependencies) {}

  /** Closes what a crash left open, and goes on after the highest number. */
  static async open(dependencies: SessionLogDependencies): Promise<SessionLog> {
    const { store, ids, nodes } = dependencies;
    await store.requireCollection(SESSIONS, { key: 'serial', timestamps: 'none' });
    const collection = await store.collection(SESSIONS);
    await ids.begin((await store.lastSerial(collection)) ?? 0, store);
    const log = new SessionLog(dependencies);
    await log.#closeThose((row) => nodes === null || row.node === nodes.node);
    if (nodes !== null) log.#follow(nodes);
    return log;
  }

  /** @throws RpcException EIO when the store has been away for so long that numbers have run out */
  begin(start: SessionStart): number {
    const { ids, nodes, now } = this.dependencies;
    const id = ids.next();
    const own = nodes === null ? {} : { node: nodes.node };
    const row = { id, ...start, started_at: now(), ended_at: null, active: true, ...own };
    this.#live.set(id, row);
    this.#write(row);
    if (id % PRUNE_EVERY === 0) void this.#prune();
    return id;
  }

  end(id: number): void {
    const row = this.#live.get(id);
    if (row === undefined) return;
    this.#live.delete(id);
    this.#write({ ...row, ended_at: this.dependencies.now(), active: false });
  }

  get(id: number): SessionRow | undefined {
    return this.#live.get(id);
  }

  /** Resolves when every row so far is stored, or the store has refused it. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#writeAll());
    return this.#writing;
  }

  /** Writes what is left; what cannot be written then is closed at the next start. */
  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    await this.flush();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #follow({ node, directory, leadership }: SessionNodes): void {
    const closeLost = (): void => {
      if (!leadership.isCurrent()) return;
      const isThere = (name: string): boolean => {
        const state = directory.get(name)?.state;
        return state !== undefined && state !== 'lost';
      };
      this.#closeThose((row) => row.node === undefined || !isThere(row.node)).catch(
        (error: unknown) => this.#notClosed(error),
      );
    };
    this.#stops.push(
      directory.onGone(closeLost),
      leadership.onChange((leader) => {
        if (leader?.node === node) closeLost();
      }),
      directory.onIsland((isIsland) => {
        if (!isIsland) for (const row of this.#live.values()) this.#write(row);
      }),
    );
  }

  #notClosed(error: unknown): void {
    this.dependencies.logger.warn(`Sessions of lost nodes stay open: ${messageOf(error)}`);
  }

  async #closeThose(isLeft: (row: SessionRow) => boolean): Promise<void> {
    const { store, now } = this.dependencies;
    for await (const row of store.queryStream<SessionRow>(SESSIONS, [['active', '=', true]])) {
      if (isLeft(row)) this.#write({ ...row, ended_at: now(), active: false });
    }
    await this.flush();
  }

  #write(row: SessionRow): void {
    if (this.#unwritten.size >= MAX_UNWRITTEN && !row.active) {
      this.#unwritten.delete(row.id);
      return;
    }
    this.#unwritten.set(row.id, row);
    this.#schedule();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  async #writeAll(): Promise<void> {
    while (this.#unwritten.size > 0) {
      const rows = [...this.#unwritten.values()].slice(0, MAX_BATCH);
      for (const { id } of rows) this.#unwritten.delete(id);
      if (!(await this.#writeBatch(rows))) return;
    }
  }

  /**
   * `upsert`, for a batch whose answer was lost may have been written. A row that the store will never
   * take is given up, and no other with it. False when the store is away.
   */
  async #writeBatch(rows: readonly SessionRow[]): Promise<boolean> {
    const { store, logger } = this.dependencies;
    try {
      await store.write(rows.map(writeOf));
      this.#isStoreAway = false;
      return true;
    } catch (error) {
      if (isOfTheRow(error)) return this.#writeParts(rows, error);
      if (!this.#isStoreAway) logger.error(`Sessions are not recorded: ${messageOf(error)}`);
      this.#isStoreAway = true;
      this.#putBack(rows);
      return false;
    }
  }

  /** Halves down to the row that is at fault: the others of a thousand are written in few batches. */
  async #writeParts(rows: readonly SessionRow[], error: unknown): Promise<boolean> {
    const [first] = rows;
    if (rows.length === 1 && first !== undefined) {
      this.dependencies.logger.error(`Session ${first.id} is not recorded: ${messageOf(error)}`);
      return true;
    }
    const half = Math.ceil(rows.length / 2);
    if (await this.#writeBatch(rows.slice(0, half))) return this.#writeBatch(rows.slice(half));
    this.#putBack(rows.slice(half));
    return false;
  }

  /** What became of a session since is newer than what could not be written. */
  #putBack(rows: readonly SessionRow[]): void {
    this.#unwritten = new Map([...rows.map((row) => [row.id, row] as const), ...this.#unwritten]);
    this.#schedule();
  }

  async #prune(): Promise<void> {
    const { store, logger } = this.dependencies;
    try {
      const params = { sort: '-id', offset: MAX_HISTORY, limit: 1 };
      const [last] = await store.query<SessionRow>(SESSIONS, null, params);
      if (last === undefined) return;
      await store.deleteMany(SESSIONS, [
        ['id', '<=', last.id],
        ['active', '=', false],
      ]);
    } catch (error) {
      logger.warn(`Old sessions were not removed: ${messageOf(error)}`);
    }
  }
}

function writeOf(row: SessionRow): WriteOperation {
  return { kind: 'upsert', collection: SESSIONS, id: row.id, document: { ...row } };
}

/** True when it is what the row holds that cannot be stored, however long one waits. */
function isOfTheRow(error: unknown): boolean {
  if (!isDispatcherError(error)) return false;
  return error.code === Errno.EINVAL || error.code === Errno.EOVERFLOW;
}
