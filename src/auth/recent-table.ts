/**
 * A map of bounded size that forgets what was longest not looked at: names and addresses come from
 * outside, and whoever invents new ones must not fill the memory.
 */
export class RecentTable<V> {
  readonly #entries = new Map<string, V>();

  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.capacity) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    this.#entries.set(key, value);
  }

  getOrAdd(key: string, make: () => V): V {
    const present = this.get(key);
    if (present !== undefined) return present;
    const value = make();
    this.set(key, value);
    return value;
  }
}
