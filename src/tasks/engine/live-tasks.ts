import type { ActiveTask } from './active-task.js';

/** The tasks that have not ended, by id. One that has is there until its last row is on disk. */
export class LiveTasks {
  readonly #byId = new Map<number, ActiveTask>();

  get(id: number): ActiveTask | undefined {
    return this.#byId.get(id);
  }

  all(): Iterable<ActiveTask> {
    return this.#byId.values();
  }

  add(task: ActiveTask): void {
    this.#byId.set(task.id, task);
    task.parent?.run?.children.add(task);
  }

  remove(task: ActiveTask): void {
    this.#byId.delete(task.id);
    task.parent?.run?.children.delete(task);
  }
}
