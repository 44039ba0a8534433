/**
 * A reading that callers share: those who ask while one is being taken get that one, and so do
 * those who ask before it is `maxAgeMs` old. Rates need it too: between two readings that followed
 * at once, nothing would have happened. A failed reading is not kept.
 */
export class SharedReading<T> {
  readonly #take: () => Promise<T>;
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  #pending: Promise<T> | undefined;
  #latest: { readonly value: T; readonly takenAtMs: number } | undefined;

  /** @param now a clock that never runs backwards, in milliseconds */
  constructor(
    take: () => Promise<T>,
    maxAgeMs: number,
    now: () => number = () => performance.now(),
  ) {
    this.#take = take;
    this.#maxAgeMs = maxAgeMs;
    this.#now = now;
  }

  get(): Promise<T> {
    const latest = this.#latest;
    if (latest !== undefined && this.#now() - latest.takenAtMs < this.#maxAgeMs) {
      return Promise.resolve(latest.value);
    }
    this.#pending ??= this.#refresh();
    return this.#pending;
  }

  async #refresh(): Promise<T> {
    try {
      const value = await this.#take();
      this.#latest = { value, takenAtMs: this.#now() };
      return value;
    } finally {
      this.#pending = undefined;
    }
  }
}
