import type { RowId } from '../sdk/datastore.js';
import type { WriteOutcome, WriteStep } from './driver.js';

/**
 * Told which rows of a collection were written; null when it may have been any of them. It is told
 * after the write is on disk, and the write is acknowledged only when it has answered: whoever
 * changed a row finds the change in effect. It must not reject, for the write has happened.
 */
export type RowListener = (ids: readonly RowId[] | null) => void | Promise<void>;

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

  /** Tells of a batch; null when nobody is concerned. */
  afterWrite(
    steps: readonly WriteStep[],
    outcomes: readonly WriteOutcome[],
  ): Promise<unknown> | null {
    if (this.#all.size > 0) for (const change of changesOf(steps, outcomes)) this.#tellAll(change);
    if (this.#listeners.size === 0) return null;
    const touched = new Map<string, RowId[]>();
    steps.forEach((step, index) => {
      const { name } = step.collection;
      if (!this.#listeners.has(name)) return;
      const outcome = outcomes[index];
      const id = outcome?.kind === 'inserted' ? outcome.id : step.id;
      if (id !== null) touched.set(name, [...(touched.get(name) ?? []), id]);
    });
    if (touched.size === 0) return null;
    return Promise.all(Array.from(touched, ([name, ids]) => this.#tellOf(name, ids)));
  }

  /** Tells of rows of one collection; null stands for all of them. */
  async tell({ collection, operation, ids }: RowChange): Promise<void> {
    this.#tellAll({ collection, operation, ids });
    await this.#tellOf(collection, ids);
  }

  #tellAll(change: RowChange): void {
    for (const listener of this.#all) listener(change);
  }

  async #tellOf(collection: string, ids: readonly RowId[] | null): Promise<void> {
    const listeners = this.#listeners.get(collection);
    if (listeners === undefined) return;
    await Promise.all(Array.from(listeners, async (listener) => listener(ids)));
  }
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
