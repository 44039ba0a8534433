import { Injectable } from '@nestjs/common';

/** Which paths have a resource, and for whom: as long as a task that claims one has not ended. */
@Injectable()
export class PathUses {
  readonly #tasks = new Map<string, Set<number>>();
  readonly #paths = new Map<number, Set<string>>();

  add(task: number, path: string): void {
    entryOf(this.#tasks, path).add(task);
    entryOf(this.#paths, task).add(path);
  }

  /** The task has ended. False when it claimed nothing. */
  release(task: number): boolean {
    const paths = this.#paths.get(task);
    if (paths === undefined) return false;
    this.#paths.delete(task);
    for (const path of paths) {
      const tasks = this.#tasks.get(path);
      tasks?.delete(task);
      if (tasks?.size === 0) this.#tasks.delete(path);
    }
    return true;
  }

  paths(): Iterable<string> {
    return this.#tasks.keys();
  }
}

function entryOf<K, V>(map: Map<K, Set<V>>, key: K): Set<V> {
  const present = map.get(key) ?? new Set<V>();
  map.set(key, present);
  return present;
}
