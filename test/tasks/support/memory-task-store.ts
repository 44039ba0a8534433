import type { StoredTask, TaskStore } from '../../../src/tasks/index.js';

/** Rows that are on disk at once: for what has nothing to do with disks. */
export class MemoryTaskStore implements TaskStore {
  readonly failure = null;
  readonly rows = new Map<number, StoredTask>();
  #lastId = 0;

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
  save(row: StoredTask): Promise<void> {
    this.rows.set(row.id, row);
    return Promise.resolve();
  }
  create(row: StoredTask): Promise<void> {
    return this.save(row);
  }
  get(id: number): Promise<StoredTask | null> {
    return Promise.resolve(this.rows.get(id) ?? null);
  }
  query(): Promise<unknown> {
    return Promise.resolve([]);
  }
  findByKey(): Promise<null> {
    return Promise.resolve(null);
  }
  unfinished(): Promise<StoredTask[]> {
    return Promise.resolve([]);
  }
  prune(): Promise<number> {
    return Promise.resolve(0);
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}
