import { setImmediate } from 'node:timers/promises';

const CHECK_SIZE_EVERY_MS = 1_000;

/** Looks for what a task has left in its process, which no other task should have to live with. */
export class Leftovers {
  #usual = new Map<string, number>();
  #sizeSeenAt = -Infinity;

  constructor(private readonly maxResidentBytes: number) {}

  /** What is active now is no task's. */
  note(): void {
    this.#usual = active();
  }

  /**
   * Why the process should run nothing else, or null. Lets the event loop turn first: what was
   * closed is gone then, and a promise that failed unnoticed has failed within this run.
   */
  async find(): Promise<string | null> {
    await setImmediate();
    if (this.#left() !== null) await setImmediate();
    return this.#left() ?? this.#size();
  }

  #left(): string | null {
    for (const [kind, count] of active()) {
      if (count > (this.#usual.get(kind) ?? 0)) return `a task left something running (${kind})`;
    }
    return null;
  }

  #size(): string | null {
    const now = performance.now();
    if (now - this.#sizeSeenAt < CHECK_SIZE_EVERY_MS) return null;
    this.#sizeSeenAt = now;
    const bytes = process.memoryUsage.rss();
    if (bytes <= this.maxResidentBytes) return null;
    return `it has grown to ${Math.round(bytes / 1024 / 1024)} MiB`;
  }
}

function active(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}
