import { AsyncLocalStorage } from 'node:async_hooks';
import { withCause } from '../common/index.js';
import type { TaskLink } from './task-link.js';

/**
 * Which task the code that runs belongs to. What tasks of this process share, a singleton of the
 * plugin, has one dispatcher for all of them: it asks here whose it is at the moment. What an ended
 * task left running is still that task's, and gets nowhere.
 */
export class CurrentTask {
  readonly #callers = new AsyncLocalStorage<TaskLink>();
  #current: TaskLink | null = null;
  #steps = 0;

  enter(link: TaskLink): void {
    this.#current?.end();
    this.#current = link;
  }

  get current(): TaskLink | null {
    return this.#current;
  }

  /** Everything that `work` starts is known to be the task's. */
  runAs<T>(link: TaskLink, work: () => T): T {
    return this.#callers.run(link, () => withCause(link, work));
  }

  /** A step of a task: what happens before it has settled is the task's own affair. */
  async occupy(step: () => Promise<void>): Promise<void> {
    this.#steps += 1;
    try {
      await step();
    } finally {
      this.#steps -= 1;
    }
  }

  /** The task that the calling code belongs to. @throws Error when there was none yet */
  readonly caller = (): TaskLink => {
    const link = this.#callers.getStore() ?? this.#current;
    if (link === null) throw new Error('No task runs in this process');
    return link;
  };

  /** False for code that an ended task left behind. */
  readonly isPresent = (): boolean => this.#steps > 0 && this.#callers.getStore()?.isOver !== true;
}
