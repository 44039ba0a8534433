import type { Clock } from '../../events/index.js';
import type { ProgressReport } from '../../sdk/index.js';
import { NO_PROGRESS } from '../row/task-row.js';

/** Ten events and one write a second, for each task. */
const EVENT_EVERY_MS = 100;
const WRITE_EVERY_MS = 1_000;

export interface ProgressMeterDependencies {
  readonly clock: Clock;
  publish(progress: ProgressReport): void;
  write(): void;
}

/**
 * Thins out what a task reports: the first report goes out at once, then at most ten a second, the
 * last always.
 */
export class ProgressMeter {
  #last: ProgressReport = NO_PROGRESS;
  #nextEventMs = 0;
  #nextWriteMs = 0;
  #cancel: (() => void) | null = null;

  constructor(private readonly dependencies: ProgressMeterDependencies) {}

  get last(): ProgressReport {
    return this.#last;
  }

  report(progress: ProgressReport): void {
    this.#last = progress;
    if (this.#cancel !== null) return; // goes out with the next
    const waitMs = this.#nextEventMs - this.dependencies.clock.nowMs();
    if (waitMs <= 0) this.#send();
    else this.#cancel = this.dependencies.clock.after(waitMs, () => this.flush());
  }

  /** Sends what was held back. */
  flush(): void {
    if (this.#cancel === null) return;
    this.#cancel();
    this.#cancel = null;
    this.#send();
  }

  #send(): void {
    const now = this.dependencies.clock.nowMs();
    this.#nextEventMs = now + EVENT_EVERY_MS;
    this.dependencies.publish(this.#last);
    if (now < this.#nextWriteMs) return;
    this.#nextWriteMs = now + WRITE_EVERY_MS;
    this.dependencies.write();
  }
}
