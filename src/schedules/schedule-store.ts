import { coded, isDispatcherError, Errno } from '../common/index.js';
import type { Datastore } from '../sdk/index.js';
import type { StoredSchedule } from './stored-schedule.js';

const COLLECTION = 'schedules';

/** The schedules, in memory and on disk: what a write promised is on disk before anybody sees it. */
export class ScheduleStore {
  readonly #rows = new Map<number, StoredSchedule>();

  constructor(private readonly datastore: Datastore) {}

  /** Reads all of them, again where another node has changed them meanwhile. */
  async open(): Promise<void> {
    await this.datastore.requireCollection(COLLECTION, { key: 'serial', unique: ['name'] });
    const rows = await this.datastore.query<StoredSchedule>(COLLECTION);
    this.#rows.clear();
    for (const row of rows) this.#rows.set(row.id, row);
  }

  get size(): number {
    return this.#rows.size;
  }

  all(): StoredSchedule[] {
    return [...this.#rows.values()];
  }

  get(id: number): StoredSchedule | undefined {
    return this.#rows.get(id);
  }

  /** @throws (rejects with) RpcException EEXIST when the name is taken */
  async insert(row: Omit<StoredSchedule, 'id'>): Promise<StoredSchedule> {
    const id = (await this.#named(row.name, () =>
      this.datastore.insert(COLLECTION, row),
    )) as number;
    const stored = { ...row, id };
    this.#rows.set(id, stored);
    return stored;
  }

  /** Null when it was removed meanwhile. @throws (rejects with) RpcException EEXIST */
  async update(id: number, patch: Partial<StoredSchedule>): Promise<StoredSchedule | null> {
    if (!this.#rows.has(id)) return null;
    const { name = '' } = patch;
    await this.#named(name, () => this.datastore.update(COLLECTION, id, patch));
    const row = this.#rows.get(id);
    if (row === undefined) return null;
    const stored = { ...row, ...patch };
    this.#rows.set(id, stored);
    return stored;
  }

  async remove(id: number): Promise<void> {
    this.#rows.delete(id);
    await this.datastore.delete(COLLECTION, id);
  }

  async #named<T>(name: string, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (!isDispatcherError(error) || error.code !== Errno.EEXIST) throw error;
      throw coded('SCHEDULE_EXISTS', { name });
    }
  }
}
