export interface DebounceTimes {
  readonly quietMs: number;
  readonly maxMs: number;
}

/** Gathers names until none has come for a while, but the first waits no longer than `maxMs`. */
export class Debouncer {
  readonly #names = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #firstAt = 0;

  constructor(
    private readonly times: DebounceTimes,
    private readonly flush: (names: readonly string[]) => void,
  ) {}

  add(names: readonly string[]): void {
    if (names.length === 0) return;
    const now = Date.now();
    if (this.#names.size === 0) this.#firstAt = now;
    for (const name of names) this.#names.add(name);
    if (this.#timer !== null) clearTimeout(this.#timer);
    const left = this.#firstAt + this.times.maxMs - now;
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, Math.min(this.times.quietMs, left)));
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#names.clear();
  }

  #fire(): void {
    const names = [...this.#names];
    this.#names.clear();
    this.#timer = null;
    this.flush(names);
  }
}
