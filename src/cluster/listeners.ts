import type { Unsubscribe } from './unsubscribe.js';

/** Those who are told of something, in the order in which they came. */
export class Listeners<A extends readonly unknown[]> {
  readonly #listeners = new Set<(...what: A) => void>();

  add(listener: (...what: A) => void): Unsubscribe {
    const own = (...what: A): void => listener(...what); // one that is added twice is told twice
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  tell(...what: A): void {
    for (const listener of [...this.#listeners]) listener(...what);
  }
}
