import { setTimeout as delay } from 'node:timers/promises';
import type { RowFeed, RowNews } from '../cluster/index.js';
import type { CollectionInfo, RowId } from '../sdk/datastore.js';
import type { WriteStep } from './driver.js';
import { Semaphore } from './semaphore.js';

export interface RowVersionsTiming {
  /** How often a node looks whether it missed a write. */
  readonly lookMs: number;
  /** What was read longer ago than that is not known any more, unless what others write is told here. */
  readonly staleMs: number;
}

const TIMING: RowVersionsTiming = { lookMs: 1_000, staleMs: 5_000 };

export const ROW_VERSIONS = 'row_versions';
/** Stands for the definitions of all collections, where a collection is named. */
export const DEFINITIONS = '*';

/** The last write of one node to one collection. */
export interface VersionRow {
  /** `<collection>@<node>`. */
  readonly id: string;
  readonly version: number;
  /** It is being made: until it is not, nobody knows what has been written. */
  readonly is_open: boolean;
}

export interface RowVersionsParts {
  readonly feed: RowFeed;
  readonly node: string;
  /** Of {@link ROW_VERSIONS}. */
  readonly definition: CollectionInfo;
  readonly read: () => Promise<readonly VersionRow[]>;
  /** Writes what cannot travel with the change that it tells of. */
  readonly write: (step: WriteStep) => Promise<void>;
  /** Whether anybody here keeps rows of the collection in memory. */
  readonly isFollowed: (collection: string) => boolean;
  /** Has those read it again; null stands for all rows. False when they could not. */
  readonly apply: (collection: string, ids: readonly RowId[] | null) => Promise<boolean>;
  readonly timing?: RowVersionsTiming | undefined;
}

/** A change that was made, and the number that it has in each collection. */
export interface Versioned<T> {
  readonly result: T;
  readonly versions: ReadonlyMap<string, number>;
}

/**
 * Keeps what the nodes have in memory of the store the same. Each node numbers its writes of each
 * collection that is followed, in a row of its own that is written in the same batch; what cannot be
 * part of a batch is framed by two writes of that row. The feed tells of a write at once. A node that
 * was not told, or misses a number, finds out from the rows, at which it looks each second.
 */
export class RowVersions {
  /** By the id of a version's row: up to where it was applied here. */
  readonly #known = new Map<string, number>();
  /** Collections that could not be read when they should have been. */
  readonly #unread = new Set<string>();
  readonly #own = new Map<string, number>();
  // the numbers of a node's writes follow one another in the rows as they were given
  readonly #writing = new Semaphore(1);
  readonly #defining = new Semaphore(1); // in the middle of a write, too
  readonly #reading = new Semaphore(1);
  readonly #end = new AbortController();
  readonly #timing: RowVersionsTiming;
  readonly #stops: readonly (() => void)[];
  #lastLookMs = performance.now();
  /** As that, and it need not have been possible. */
  #lastTryMs = performance.now();
  /** How often something may have been missed, and how many of these have been looked into. */
  #doubts = 0;
  #resolvedDoubts = 0;

  private constructor(private readonly parts: RowVersionsParts) {
    const { feed } = parts;
    this.#timing = parts.timing ?? TIMING;
    this.#stops = [
      feed.follow((news, node) => this.#hear(news, node)),
      feed.onMissed(() => {
        this.#doubts += 1;
        void this.look();
      }),
    ];
  }

  /** To be opened before anything of the store is kept in memory. */
  static async open(parts: RowVersionsParts): Promise<RowVersions> {
    const versions = new RowVersions(parts);
    for (const row of await parts.read()) await versions.#takeUp(row);
    versions.#lastLookMs = performance.now();
    void versions.#run();
    return versions;
  }

  /**
   * Null when what is in memory here is what the acknowledged writes have left. Otherwise the rows are
   * looked at first: whether it is so then.
   */
  confirm(): Promise<boolean> | null {
    const isAwake = performance.now() - this.#lastTryMs <= this.#timing.staleMs;
    return isAwake && this.#isTold ? null : this.look().then((hasRead) => hasRead || this.#isTold);
  }

  /** As {@link confirm}, without waiting: where nobody is heard, it may be late by one look. */
  get isCurrent(): boolean {
    if (this.#unread.size > 0) return false;
    return performance.now() - this.#lastLookMs <= this.#timing.staleMs || this.#isTold;
  }

  /** Makes a change of collections together with the steps that it is given. */
  batch<T>(
    collections: readonly string[],
    make: (beside: readonly WriteStep[]) => Promise<T>,
  ): Promise<Versioned<T>> {
    return this.#writing.run(async () => {
      const versions = this.#next(collections);
      const steps = Array.from(versions, ([name, version]) => this.#step(name, version, false));
      return { result: await make(steps), versions };
    });
  }

  /** Makes a change of a collection that nothing can be written together with. */
  framed<T>(collection: string, make: () => Promise<T>): Promise<Versioned<T>> {
    const lock = collection === DEFINITIONS ? this.#defining : this.#writing;
    return lock.run(async () => {
      const versions = this.#next([collection]);
      const version = versions.get(collection) ?? 0;
      await this.parts.write(this.#step(collection, version, true));
      try {
        return { result: await make(), versions };
      } finally {
        await this.parts.write(this.#step(collection, version, false));
      }
    });
  }

  /** Resolves when all nodes have applied it. */
  async tell(news: readonly RowNews[]): Promise<void> {
    if (news.length > 0) await this.parts.feed.tell(news);
  }

  /** What this node should have read and could not, it reads as soon as it can. */
  missed(collection: string): void {
    this.#unread.add(collection);
  }

  /** Reads how far the others are, and what was missed; false when it could not. Never rejects. */
  look(): Promise<boolean> {
    return this.#reading.run(async () => {
      const begunMs = performance.now();
      const doubts = this.#doubts;
      try {
        const rows = await this.parts.read();
        for (const row of rows) this.#compare(row);
        for (const collection of [...this.#unread]) await this.#apply(collection, null);
        for (const { id, version, is_open: isOpen } of rows) {
          if (!isOpen && !this.#unread.has(collectionOf(id))) this.#known.set(id, version);
        }
        this.#lastLookMs = begunMs;
        this.#resolvedDoubts = doubts;
        return this.#unread.size === 0;
      } catch {
        return false; // the store is away
      } finally {
        this.#lastTryMs = performance.now();
      }
    });
  }

  /** All that others wrote was told here, and read. */
  get #isTold(): boolean {
    const isInDoubt = this.#doubts !== this.#resolvedDoubts;
    return this.parts.feed.isHearing && !isInDoubt && this.#unread.size === 0;
  }

  async close(): Promise<void> {
    this.#end.abort();
    for (const stop of this.#stops) stop();
    await this.#reading.run(() => Promise.resolve());
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    const wait = () => delay(this.#timing.lookMs, true, { signal, ref: false }).catch(() => false);
    while (await wait()) await this.look();
  }

  #compare({ id, version, is_open: isOpen }: VersionRow): void {
    if (id.endsWith(`@${this.parts.node}`)) return;
    if (isOpen || this.#known.get(id) !== version) this.#unread.add(collectionOf(id));
  }

  #hear(news: readonly RowNews[], node: string): Promise<void> {
    return this.#reading.run(async () => {
      for (const { collection, ids, version } of news) {
        const id = `${collection}@${node}`;
        const known = this.#known.get(id) ?? 0;
        if (known >= version) continue; // it was read from the rows
        const isNext = known === version - 1;
        if (await this.#apply(collection, isNext ? ids : null)) this.#known.set(id, version);
      }
    });
  }

  async #apply(collection: string, ids: readonly RowId[] | null): Promise<boolean> {
    const { isFollowed, apply } = this.parts;
    const isApplied = !isFollowed(collection) || (await apply(collection, ids).catch(() => false));
    if (!isApplied) this.#unread.add(collection);
    else if (ids === null) this.#unread.delete(collection);
    return isApplied;
  }

  /** What the last start of this node left half done, the others read until it is said to be over. */
  async #takeUp({ id, version, is_open: isOpen }: VersionRow): Promise<void> {
    const { node } = this.parts;
    if (!id.endsWith(`@${node}`)) {
      this.#known.set(id, version);
      return;
    }
    const collection = collectionOf(id);
    this.#own.set(collection, version);
    if (isOpen) await this.parts.write(this.#step(collection, version, false));
  }

  /** A number is not given twice, even if its write fails: then the others find one missing, and read. */
  #next(collections: readonly string[]): Map<string, number> {
    return new Map(
      collections.map((collection) => {
        const version = (this.#own.get(collection) ?? 0) + 1;
        this.#own.set(collection, version);
        return [collection, version];
      }),
    );
  }

  #step(collection: string, version: number, isOpen: boolean): WriteStep {
    return {
      kind: 'upsert',
      collection: this.parts.definition,
      id: `${collection}@${this.parts.node}`,
      fields: { version, is_open: isOpen },
      sticky: {},
    };
  }
}

function collectionOf(id: string): string {
  return id.slice(0, id.lastIndexOf('@'));
}
