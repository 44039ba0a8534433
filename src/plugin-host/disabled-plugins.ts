/** Where the names of plugins are kept that are not to run, from one start to the next. */
export interface DisabledPluginsStore {
  /** What is kept there; anything may stand in a store. */
  read(): Promise<unknown>;
  write(names: readonly string[]): Promise<void>;
}

/** The plugins that somebody has disabled, whether they are on the disk at the moment or not. */
export class DisabledPlugins {
  #names: ReadonlySet<string> = new Set();

  /** @param store - null: kept by nobody */
  constructor(private readonly store: DisabledPluginsStore | null) {}

  async load(): Promise<void> {
    const kept = await this.store?.read();
    const names = Array.isArray(kept) ? kept : [];
    this.#names = new Set(names.filter((name) => typeof name === 'string'));
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  names(): string[] {
    return [...this.#names];
  }

  add(name: string): Promise<void> {
    return this.#keep(new Set([...this.#names, name]));
  }

  remove(name: string): Promise<void> {
    return this.#keep(new Set([...this.#names].filter((other) => other !== name)));
  }

  /** On the disk first: what was answered holds, whenever the power goes. */
  async #keep(names: ReadonlySet<string>): Promise<void> {
    await this.store?.write([...names].sort());
    this.#names = names;
  }
}
