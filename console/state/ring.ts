/**
 * The latest entries of something that never ends. Entries come thousands a second; whoever draws
 * them takes a snapshot once a frame.
 */
export class Ring<T> {
  #entries: T[] = [];
  #total = 0;

  constructor(private readonly capacity: number) {}

  /** All that ever came. */
  get total(): number {
    return this.#total;
  }

  push(entry: T): void {
    this.#entries.push(entry);
    this.#total += 1;
    // cut in bulk: a shift for every entry would move the whole array each time
    if (this.#entries.length > 2 * this.capacity)
      this.#entries = this.#entries.slice(-this.capacity);
  }

  snapshot(): readonly T[] {
    return this.#entries.slice(-this.capacity);
  }

  clear(): void {
    this.#entries = [];
  }
}
