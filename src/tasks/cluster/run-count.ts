import type { NodeDirectory } from '../../cluster/index.js';
import type { Clock } from '../../events/index.js';

/** The others are told how many runs there are no more often than that: tasks come by the hundred. */
const TELL_EVERY_MS = 1_000;

export interface RunCountDependencies {
  readonly directory: Pick<NodeDirectory, 'announce'>;
  readonly clock: Clock;
}

/** Tells the other nodes how many tasks run here. */
export class RunCount {
  #count = 0;
  #told = 0;
  #cancel: (() => void) | null = null;

  constructor(private readonly dependencies: RunCountDependencies) {}

  change(count: number): void {
    this.#count = count;
    this.#cancel ??= this.dependencies.clock.after(TELL_EVERY_MS, () => {
      this.#cancel = null;
      this.#tell();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #tell(): void {
    if (this.#count === this.#told) return;
    this.#told = this.#count;
    // a later change is told in its place
    this.dependencies.directory.announce({ running: this.#count }).catch(() => undefined);
  }
}
