import type { RowNews } from '../cluster/index.js';
import type { RowId } from '../sdk/datastore.js';
import type { WriteOutcome, WriteStep } from './driver.js';
import type { RowVersions, Versioned } from './row-versions.js';

/**
 * Told which rows of a collection were written; null when it may have been any of them. It is told
 * after the write is on disk, and the write is acknowledged only when it has answered: whoever
 * changed a row finds the change in effect. It must not reject, for the write has happened; what it
 * could not read it says by resolving with `unread`.
 *
 * @param origin - whether this server wrote them or another one that shares the store
 */
export type RowListener = (ids: readonly RowId[] | null, origin: RowOrigin) => unknown;

export type RowOrigin = 'here' | 'elsewhere';

/** What a {@link RowListener} resolves with when it has to be told again. */
export const UNREAD = 'unread';

/** What one write did to one collection; ids are null when it may have been any row. */
export interface RowChange {
  readonly collection: string;
  readonly operation: 'create' | 'update' | 'delete';
  readonly ids: readonly RowId[] | null;
}

/**
 * Who in the server follows which collection. Every write of every plugin passes here, so one that
 * nobody follows costs a look into a map for each of its steps and no promise.
 */
export class RowWatchers {
  readonly #listeners = new Map<string, Set<RowListener>>();
  readonly #all = new Set<(change: RowChange) => void>();
  #versions: RowVersions | null = null;

  /** Returns how to stop. */
  add(collection: string, listener: RowListener): () => void {
    const listeners = this.#listeners.get(collection) ?? new Set();
    this.#listeners.set(collection, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(collection);
    };
  }

  /** Tells of every change of every collection, without anybody waiting; returns how to stop. */
  addForAll(listener: (change: RowChange) => void): () => void {
    this.#all.add(listener);
    return () => void this.#all.delete(listener);
  }

  /** From now on the servers that share the store are told, too. */
  share(versions: RowVersions): void {
    this.#versions = versions;
  }

  isFollowed(collection: string): boolean {
    return this.#listeners.has(collection);
  }

  /** Makes a batch and tells of it. */
  async batch(
    steps: readonly WriteStep[],
    make: (steps: readonly WriteStep[]) => Promise<readonly WriteOutcome[]>,
  ): Promise<readonly WriteOutcome[]> {
    const versions = this.#versions;
    const followed = versions === null ? [] : this.#followedBy(steps);
    if (versions === null || followed.length === 0) {
      const outcomes = await make(steps);
      const told = this.#afterWrite(steps, outcomes);
      if (told !== null) await told;
      return outcomes;
    }
    const made = await versions.batch(followed, (beside) => make([...steps, ...beside]));
    const outcomes = made.result.slice(0, steps.length);
    const others = versions.tell(newsOf(this.#touched(steps, outcomes), made.versions));
    await Promise.all([this.#afterWrite(steps, outcomes), others]);
    return outcomes;
  }

  /**
   * Makes a change of one collection that is no batch, and tells of it.
   *
   * @param changed - the ids of the rows, null for any of the collection; undefined when there were none
   */
  async change<T>(
    { collection, operation }: Pick<RowChange, 'collection' | 'operation'>,
    make: () => Promise<T>,
    changed: (result: T) => RowChange['ids'] | undefined,
  ): Promise<T> {
    const versions = this.#listeners.has(collection) ? this.#versions : null;
    const made = await (versions?.framed(collection, make) ?? unversioned(make));
    const ids = changed(made.result);
    if (ids === undefined) return made.result;
    this.#tellAll({ collection, operation, ids });
    const touched = new Map([[collection, ids]]);
    await Promise.all([
      this.tell(collection, ids, 'here'),
      versions?.tell(newsOf(touched, made.versions)),
    ]);
    return made.result;
  }

  /** Whether all that follow the collection have read what they were told of. */
  async tell(
    collection: string,
    ids: readonly RowId[] | null,
    origin: RowOrigin,
  ): Promise<boolean> {
    const listeners = this.#listeners.get(collection);
    if (listeners === undefined) return true;
    let isRead = false;
    try {
      const answers = await Promise.all(
        Array.from(listeners, async (listener) => await listener(ids, origin)),
      );
      isRead = !answers.includes(UNREAD);
    } finally {
      if (!isRead && origin === 'here') this.#versions?.missed(collection);
    }
    return isRead;
  }

  /** Null when nobody is concerned. */
  #afterWrite(
    steps: readonly WriteStep[],
    outcomes: readonly WriteOutcome[],
  ): Promise<unknown> | null {
    if (this.#all.size > 0) for (const change of changesOf(steps, outcomes)) this.#tellAll(change);
    if (this.#listeners.size === 0) return null;
    const touched = this.#touched(steps, outcomes);
    if (touched.size === 0) return null;
    return Promise.all(Array.from(touched, ([name, ids]) => this.tell(name, ids, 'here')));
  }

  /** The rows of a batch that somebody follows. */
  #touched(
    steps: readonly WriteStep[],
    outcomes: readonly WriteOutcome[],
  ): Map<string, readonly RowId[]> {
    const touched = new Map<string, RowId[]>();
    steps.forEach((step, index) => {
      const { name } = step.collection;
      if (!this.#listeners.has(name)) return;
      const outcome = outcomes[index];
      const id = outcome?.kind === 'inserted' ? outcome.id : step.id;
      if (id !== null) touched.set(name, [...(touched.get(name) ?? []), id]);
    });
    return touched;
  }

  #followedBy(steps: readonly WriteStep[]): string[] {
    const names = new Set(steps.map((step) => step.collection.name));
    return [...names].filter((name) => this.#listeners.has(name));
  }

  #tellAll(change: RowChange): void {
    for (const listener of this.#all) listener(change);
  }
}

async function unversioned<T>(make: () => Promise<T>): Promise<Versioned<T>> {
  return { result: await make(), versions: NO_VERSIONS };
}

const NO_VERSIONS: ReadonlyMap<string, number> = new Map();

function newsOf(
  touched: ReadonlyMap<string, readonly RowId[] | null>,
  versions: ReadonlyMap<string, number>,
): RowNews[] {
  return Array.from(touched, ([collection, ids]) => ({
    ...{ collection, ids },
    version: versions.get(collection) ?? 0,
  }));
}

const OPERATIONS = {
  insert: 'create',
  update: 'update',
  replace: 'update',
  upsert: 'update',
  delete: 'delete',
} as const;

/** One for each collection and kind of write, in the order in which they first come. */
function changesOf(
  steps: readonly WriteStep[],
  outcomes: readonly WriteOutcome[],
): Iterable<RowChange> {
  const changes = new Map<string, RowChange & { readonly ids: RowId[] }>();
  steps.forEach((step, index) => {
    const outcome = outcomes[index];
    const id = outcome?.kind === 'inserted' ? outcome.id : step.id;
    if (id === null || (outcome?.kind === 'deleted' && !outcome.found)) return;
    const collection = step.collection.name;
    const operation = OPERATIONS[step.kind];
    const key = `${operation} ${collection}`;
    const change = changes.get(key) ?? { collection, operation, ids: [] };
    changes.set(key, change);
    change.ids.push(id);
  });
  return changes.values();
}
