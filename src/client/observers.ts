/** Listeners of one thing, told in the order in which they came. */
export class Observers<T> {
  readonly #listeners = new Set<{ readonly tell: (value: T) => void }>();

  /** Returns what takes the listener back. */
  add(tell: (value: T) => void): () => void {
    const listener = { tell };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(value: T): void {
    for (const listener of [...this.#listeners]) guarded(() => listener.tell(value));
  }
}

/**
 * Runs a listener of the application's. What it throws is the application's own fault and surfaces
 * as an uncaught error, as from a DOM listener; it must not stop the listeners behind it.
 */
export function guarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
