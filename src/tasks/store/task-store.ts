import type { RpcException } from '../../common/index.js';
import type { Filter, QueryParams } from '../../common/query/index.js';
import type { StoredTask } from '../row/task-row.js';

/** Which ended tasks are kept. */
export interface HistoryBounds {
  readonly maxAgeMs: number;
  readonly maxCount: number;
}

/**
 * Keeps the rows of all tasks. The seam for a task store that several machines share: the engine knows
 * nothing of the store behind it.
 */
export interface TaskStore {
  /** Why nothing can be written at present; null when all is well. */
  readonly failure: RpcException | null;
  /** A number that no task has had or will have. */
  nextId(): number;
  /**
   * Resolves when the row, or a newer state of it, is on disk; writes of many tasks share one flush.
   * While the store is away it waits for it.
   *
   * @throws (rejects with) RpcException when the store refuses this very row
   */
  save(row: StoredTask): Promise<void>;
  /**
   * As {@link save}, for the first row of a task.
   *
   * @throws (rejects with) RpcException also when the store is away: then there is no such task
   */
  create(row: StoredTask): Promise<void>;
  get(id: number): Promise<StoredTask | null>;
  query(filter: Filter, params: QueryParams | null | undefined): Promise<unknown>;
  findByKey(idempotencyKey: string): Promise<StoredTask | null>;
  /** Tasks that had not ended, by id. */
  unfinished(): Promise<StoredTask[]>;
  /** Removes ended tasks that are too old or too many, never another; returns how many. */
  prune(bounds: HistoryBounds, now: Date): Promise<number>;
  /** Writes what can be written and takes nothing more. */
  close(): Promise<void>;
}
