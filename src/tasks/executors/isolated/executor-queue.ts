import { onAbort } from '../../../common/index.js';
import type { TaskAssignment } from '../executor.js';
import type { PooledExecutor } from './pooled-executor.js';

/** A task that waits for an executor. */
export interface WaitingAssignment {
  readonly assignment: TaskAssignment;
  readonly resolve: (executor: PooledExecutor) => void;
  readonly reject: (error: Error) => void;
}

/** Tasks that wait for an executor, first come, first served, but subtasks before all others. */
export class ExecutorQueue {
  readonly #subtasks = new Set<WaitingAssignment>();
  readonly #others = new Set<WaitingAssignment>();

  get size(): number {
    return this.#subtasks.size + this.#others.size;
  }

  get subtasks(): number {
    return this.#subtasks.size;
  }

  /** Resolves when an executor is handed over. @throws (rejects with) the signal's reason */
  join(assignment: TaskAssignment, signal: AbortSignal): Promise<PooledExecutor> {
    return new Promise((resolve, reject) => {
      const line = assignment.isSubtask ? this.#subtasks : this.#others;
      const waiting: WaitingAssignment = {
        assignment,
        resolve: (executor) => {
          forget();
          resolve(executor);
        },
        reject: (error) => {
          forget();
          reject(error);
        },
      };
      line.add(waiting);
      const forget = onAbort(signal, () => {
        line.delete(waiting);
        reject(signal.reason as Error);
      });
    });
  }

  /** In the order in which they are to be served. */
  *[Symbol.iterator](): Generator<WaitingAssignment, void> {
    yield* this.#subtasks;
    yield* this.#others;
  }

  remove(waiting: WaitingAssignment): void {
    this.#subtasks.delete(waiting);
    this.#others.delete(waiting);
  }

  rejectAll(error: Error): void {
    for (const waiting of this) {
      this.remove(waiting);
      waiting.reject(error);
    }
  }
}
