/** Why nothing more comes; null: there was just no more. */
interface End {
  readonly error: Error | null;
}

/**
 * From callbacks to a loop: what is pushed waits, up to a bound, until one reader takes it. For one
 * reader at a time; leaving its loop ends nothing but the loop.
 *
 * @example
 * const lines = new AsyncQueue<string>(1_000);
 * const unlisten = log.watch((line) => lines.push(line) || (missed += 1));
 * for await (const line of lines) show(line);
 */
export class AsyncQueue<T> {
  #waiting: T[] = [];
  #end: End | null = null;
  #wake: (() => void) | null = null;

  constructor(private readonly maxWaiting = Infinity) {}

  /** False when the queue is full or has ended, and the item is not taken. */
  push(item: T): boolean {
    if (this.#end !== null || this.#waiting.length >= this.maxWaiting) return false;
    this.#waiting.push(item);
    this.#wake?.();
    return true;
  }

  /** What waits becomes what `change` makes of it. */
  revise(change: (waiting: readonly T[]) => T[]): void {
    this.#waiting = change(this.#waiting);
  }

  /** Nothing more comes: the reader gets what waits and then its end, which is `error` if given. */
  end(error: Error | null = null): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  /** Ends at once: what waits is dropped. */
  fail(error: Error): void {
    this.#waiting = [];
    this.end(error);
  }

  /** All that waits, as soon as there is something; nothing after the end. @throws what it failed with */
  async take(): Promise<readonly T[]> {
    await this.#something();
    const items = this.#waiting;
    this.#waiting = [];
    return items;
  }

  /** The next item; undefined after the end. @throws what it failed with */
  async next(): Promise<T | undefined> {
    await this.#something();
    return this.#waiting.shift();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const items = await this.take();
      if (items.length === 0) return;
      yield* items;
    }
  }

  /** Resolves when something waits or nothing will. */
  async #something(): Promise<void> {
    while (this.#waiting.length === 0) {
      if (this.#end?.error != null) throw this.#end.error;
      if (this.#end !== null) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = null;
    }
  }
}
