import type { ActiveTask } from './active-task.js';

/** The tasks that have not ended, by id. One that has is there until its last row is on disk. */
export class LiveTasks {
  readonly #byId = new Map<number, ActiveTask>();
  readonly #perNode = new Map<string, number>();

  get(id: number): ActiveTask | undefined {
    return this.#byId.get(id);
  }

  all(): Iterable<ActiveTask> {
    return this.#byId.values();
  }

  /** How many of them belong to a node. */
  countAt(node: string): number {
    return this.#perNode.get(node) ?? 0;
  }

  add(task: ActiveTask): void {
    this.#count(task, 1);
    this.#byId.set(task.id, task);
    task.parent?.run?.children.add(task);
  }

  remove(task: ActiveTask): void {
    if (this.#byId.get(task.id) !== task) return; // it goes on as another one
    this.#byId.delete(task.id);
    this.#count(task, -1);
    task.parent?.run?.children.delete(task);
  }

  #count({ row: { node } }: ActiveTask, by: number): void {
    if (node !== undefined) this.#perNode.set(node, this.countAt(node) + by);
  }
}
