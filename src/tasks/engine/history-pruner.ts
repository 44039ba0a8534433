import { messageOf } from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import type { Logger } from '../../sdk/index.js';
import type { HistoryBounds, TaskStore } from '../store/task-store.js';

const PRUNE_EVERY_MS = 60 * 60 * 1_000;
const PRUNE_EVERY_TASKS = 1_000;

export interface HistoryDependencies {
  readonly taskStore: TaskStore;
  readonly bounds: HistoryBounds;
  readonly clock: Clock;
  readonly now: () => Date;
  readonly logger: Logger;
}

/** Removes old tasks: at the start, every hour, and whenever a thousand have ended. */
export class HistoryPruner {
  #ended = 0;
  #isRunning = false;
  #isPruning = false;
  #pruned: Promise<void> = Promise.resolve();
  #cancel: () => void = () => undefined;

  constructor(private readonly dependencies: HistoryDependencies) {}

  start(): void {
    this.#isRunning = true;
    this.#begin();
  }

  /** Resolves when the store is no longer used. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancel();
    await this.#pruned;
  }

  /** A task has ended. */
  count(): void {
    this.#ended += 1;
    if (this.#ended >= PRUNE_EVERY_TASKS) this.#begin();
  }

  #begin(): void {
    if (this.#isRunning && !this.#isPruning) this.#pruned = this.#prune();
  }

  async #prune(): Promise<void> {
    this.#isPruning = true;
    this.#ended = 0;
    this.#cancel();
    const { taskStore, bounds, clock, now, logger } = this.dependencies;
    try {
      const removed = await taskStore.prune(bounds, now());
      if (removed > 0) logger.debug('Old tasks were removed', { tasks: removed });
    } catch (error) {
      logger.warn(`Old tasks could not be removed: ${messageOf(error)}`);
    }
    this.#isPruning = false;
    if (this.#isStillRunning()) this.#cancel = clock.after(PRUNE_EVERY_MS, () => this.#begin());
  }

  /** A method, for it may change while something is awaited. */
  #isStillRunning(): boolean {
    return this.#isRunning;
  }
}
