import { messageOf } from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import type { Logger } from '../../sdk/index.js';
import type { HistoryBounds, TaskLedger } from '../ledger/task-ledger.js';

const PRUNE_EVERY_MS = 60 * 60 * 1_000;
const PRUNE_EVERY_TASKS = 1_000;

export interface HistoryDependencies {
  readonly ledger: TaskLedger;
  readonly bounds: HistoryBounds;
  readonly clock: Clock;
  readonly now: () => Date;
  readonly logger: Logger;
}

/** Removes old tasks: at the start, every hour, and whenever a thousand have ended. */
export class HistoryKeeper {
  #ended = 0;
  #isRunning = false;
  #isPruning = false;
  #cancel: () => void = () => undefined;

  constructor(private readonly dependencies: HistoryDependencies) {}

  start(): void {
    this.#isRunning = true;
    void this.#prune();
  }

  stop(): void {
    this.#isRunning = false;
    this.#cancel();
  }

  /** A task has ended. */
  count(): void {
    this.#ended += 1;
    if (this.#ended >= PRUNE_EVERY_TASKS) void this.#prune();
  }

  async #prune(): Promise<void> {
    if (!this.#isRunning || this.#isPruning) return;
    this.#isPruning = true;
    this.#ended = 0;
    this.#cancel();
    const { ledger, bounds, clock, now, logger } = this.dependencies;
    try {
      const removed = await ledger.prune(bounds, now());
      if (removed > 0) logger.debug('Old tasks were removed', { tasks: removed });
    } catch (error) {
      logger.warn(`Old tasks could not be removed: ${messageOf(error)}`);
    }
    this.#isPruning = false;
    if (this.#isStillRunning())
      this.#cancel = clock.after(PRUNE_EVERY_MS, () => void this.#prune());
  }

  /** A method, for it may change while something is awaited. */
  #isStillRunning(): boolean {
    return this.#isRunning;
  }
}
