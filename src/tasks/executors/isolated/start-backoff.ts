import type { Clock } from '../../../events/index.js';

const FIRST_MS = 100;
const LONGEST_MS = 10_000;

/** When the next process may be started, on a machine where starting one has failed. */
export class StartBackoff {
  #failures = 0;
  #cancel: (() => void) | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly onOver: () => void,
  ) {}

  get isWaiting(): boolean {
    return this.#cancel !== null;
  }

  fail(): void {
    this.#cancel?.();
    const delayMs = Math.min(FIRST_MS * 2 ** this.#failures, LONGEST_MS);
    this.#failures += 1;
    this.#cancel = this.clock.after(delayMs, () => {
      this.#cancel = null;
      this.onOver();
    });
  }

  succeed(): void {
    this.#failures = 0;
    this.stop();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
