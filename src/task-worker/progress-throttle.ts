import type { ProgressReport } from '../sdk/index.js';
import type { TaskLink } from './task-link.js';

/** No more often than the server tells it to anybody. */
const INTERVAL_MS = 100;

/**
 * Progress on its way to the server: the first report goes at once, then the latest one ten times
 * a second, and the last one before the end of the run. A task may report in every round of a loop.
 */
export class ProgressThrottle {
  #latest: ProgressReport | null = null;
  #sentAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  constructor(private readonly link: TaskLink) {}

  report(progress: ProgressReport): void {
    if (this.link.isOver) return;
    this.#latest = progress;
    const waitMs = this.#sentAt + INTERVAL_MS - performance.now();
    if (waitMs <= 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), waitMs).unref();
  }

  /** Sends what is left to send. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#latest === null || this.link.isOver) return;
    const latest = this.#latest;
    this.#latest = null;
    this.#sentAt = performance.now();
    this.link.tell('task', 'report', [latest]);
  }
}
