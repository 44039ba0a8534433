import type { ProgressReport } from '../../sdk/index.js';
import type { TaskLedger } from '../ledger/task-ledger.js';
import type { StoredTask } from '../row/task-row.js';
import type { LiveTask } from './live-task.js';

export interface RecorderDependencies {
  readonly ledger: TaskLedger;
  readonly publish: (event: string, args: Record<string, unknown>) => void;
}

type Operation = 'create' | 'update';

/**
 * Stores every change of a task, then announces it: nobody hears of a state that a crash could take
 * back, and whoever reads after an event reads that state or a later one.
 */
export class TaskRecorder {
  readonly #changed: Record<Operation, Set<number>> = { create: new Set(), update: new Set() };
  #isTelling = false;

  constructor(private readonly dependencies: RecorderDependencies) {}

  /**
   * Resolves with the task's id once its first row is stored.
   *
   * @param disown - called when it cannot be stored: then there is no such task
   * @throws (rejects with) RpcException why it cannot
   */
  create(task: LiveTask, disown: () => void): Promise<number> {
    const { row } = task;
    return this.dependencies.ledger.create(row).then(
      () => {
        task.stored ??= row;
        const { id, name, state, parent, user } = row;
        this.dependencies.publish('task.created', { id, name, state, parent, user });
        this.#tell('create', row.id);
        return row.id;
      },
      (error: unknown) => {
        disown();
        throw error;
      },
    );
  }

  /**
   * Brings the task into another state.
   *
   * @param refused - called when the store refuses the row as it is now; for who can do something
   * @throws (rejects with) RpcException why the store refuses it, when nobody has
   */
  move(
    task: LiveTask,
    patch: Partial<StoredTask>,
    refused?: (error: unknown) => void | Promise<void>,
  ): Promise<void> {
    task.row = { ...task.row, ...patch };
    const { row } = task;
    return this.dependencies.ledger.save(row).then(() => {
      task.stored = row;
      this.dependencies.publish('task.updated', stateOf(row));
      this.#tell('update', row.id);
    }, refused);
  }

  /** Stores a change that is no event of its own, along with whatever is written next. */
  note(task: LiveTask, patch: Partial<StoredTask>): void {
    task.row = { ...task.row, ...patch };
    const { row } = task;
    this.dependencies.ledger.save(row).then(
      () => {
        task.stored = row;
        this.#tell('update', row.id);
      },
      () => undefined, // the end of the task is stored for itself, and tells if it cannot be
    );
  }

  progress({ id, row }: LiveTask, progress: ProgressReport): void {
    const { name, state, abortable } = row;
    this.dependencies.publish('task.progress', { id, name, state, ...progress, abortable });
  }

  /** One `task.changed` for all that one flush has brought. */
  #tell(operation: Operation, id: number): void {
    this.#changed[operation].add(id);
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      for (const each of ['create', 'update'] as const) {
        const ids = [...this.#changed[each]];
        this.#changed[each].clear();
        if (ids.length > 0) this.dependencies.publish('task.changed', { operation: each, ids });
      }
    });
  }
}

function stateOf({ id, name, state, parent, user, error }: StoredTask): Record<string, unknown> {
  const shown = error === null ? null : { code: error.code, message: error.message };
  return { id, name, state, parent, user, error: shown };
}
