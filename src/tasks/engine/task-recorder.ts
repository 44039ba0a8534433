import type { Audience } from '../../cluster/index.js';
import type { ProgressReport } from '../../sdk/index.js';
import type { TaskStore } from '../store/task-store.js';
import type { StoredTask } from '../row/task-row.js';
import type { ActiveTask, TaskRowChange } from './active-task.js';
import { TaskAudiences } from './task-audiences.js';

export interface RecorderDependencies {
  readonly taskStore: TaskStore;
  readonly publish: (event: string, args: Record<string, unknown>, audience: Audience) => void;
}

type Operation = 'create' | 'update';

/**
 * Stores every change of a task, then announces it: nobody hears of a state that a crash could take
 * back, and whoever reads after an event reads that state or a later one.
 */
export class TaskRecorder {
  readonly #changed: Record<Operation, Map<Audience, Set<number>>> = {
    create: new Map(),
    update: new Map(),
  };
  readonly #audiences = new TaskAudiences();
  #isTelling = false;

  constructor(private readonly dependencies: RecorderDependencies) {}

  /**
   * Resolves with the task's id once its first row is stored.
   *
   * @param disown - called when it cannot be stored: then there is no such task
   * @throws (rejects with) RpcException why it cannot
   */
  create(task: ActiveTask, disown: () => void): Promise<number> {
    const { row } = task;
    return this.dependencies.taskStore.create(row).then(
      () => {
        task.stored ??= row;
        const { id, name, state, parent, user } = row;
        const args = { id, name, state, parent, user };
        this.dependencies.publish('task.created', args, this.#audiences.of(row));
        this.#tell('create', row);
        return row.id;
      },
      (error: unknown) => {
        disown();
        throw error;
      },
    );
  }

  /**
   * Stores the state that the task has come to.
   *
   * @param refused - called when the store refuses the row as it is now; for who can do something
   * @throws (rejects with) RpcException why the store refuses it, when nobody has
   */
  changed(task: ActiveTask, refused?: (error: unknown) => void | Promise<void>): Promise<void> {
    const { row } = task;
    return this.dependencies.taskStore.save(row).then(() => {
      task.stored = row;
      this.dependencies.publish('task.updated', stateOf(row), this.#audiences.of(row));
      this.#tell('update', row);
    }, refused);
  }

  /** Stores a change that is no event of its own, along with whatever is written next. */
  note(task: ActiveTask, change: TaskRowChange): void {
    task.note(change);
    const { row } = task;
    this.dependencies.taskStore.save(row).then(
      () => {
        task.stored = row;
        this.#tell('update', row);
      },
      () => undefined, // the end of the task is stored for itself, and tells if it cannot be
    );
  }

  progress({ id, row }: ActiveTask, progress: ProgressReport): void {
    const { name, state, abortable } = row;
    const args = { id, name, state, ...progress, abortable };
    this.dependencies.publish('task.progress', args, this.#audiences.of(row));
  }

  /** One `task.changed` for all that one flush has brought, and the same people may see. */
  #tell(operation: Operation, row: StoredTask): void {
    const { id } = row;
    const audience = this.#audiences.of(row);
    const ids = this.#changed[operation];
    const known = ids.get(audience);
    if (known === undefined) ids.set(audience, new Set([id]));
    else known.add(id);
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      for (const each of ['create', 'update'] as const) this.#tellAll(each);
    });
  }

  #tellAll(operation: Operation): void {
    const changed = [...this.#changed[operation]];
    this.#changed[operation].clear();
    for (const [audience, ids] of changed) {
      this.dependencies.publish('task.changed', { operation, ids: [...ids] }, audience);
    }
  }
}

function stateOf({ id, name, state, parent, user, error }: StoredTask): Record<string, unknown> {
  const shown = error === null ? null : { code: error.code, message: error.message };
  return { id, name, state, parent, user, error: shown };
}
