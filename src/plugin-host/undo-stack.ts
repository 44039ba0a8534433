/** Takes one registration back. */
export type Undo = () => void | Promise<void>;

interface Entry {
  readonly kind: string;
  readonly key: unknown;
  readonly undo: Undo;
}

/**
 * What one generation of a plugin registered, in order, with the way to take each thing back: the
 * reason why nothing of an unloaded plugin stays, whether its `cleanup` remembered it or not.
 */
export class UndoStack {
  readonly #entries: Entry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  add(kind: string, key: unknown, undo: Undo): void {
    this.#entries.push({ kind, key, undo });
  }

  /** Forgets the latest entry of that kind and key and returns its undo, if there is one. */
  take(kind: string, key: unknown): Undo | undefined {
    const index = this.#entries.findLastIndex((entry) => entry.kind === kind && entry.key === key);
    return index === -1 ? undefined : this.#entries.splice(index, 1)[0]?.undo;
  }

  /** Undoes everything, latest first; what fails is reported and the rest is undone all the same. */
  async undoAll(report: (what: string, error: unknown) => void): Promise<void> {
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      try {
        await entry.undo();
      } catch (error) {
        report(entry.kind, error);
      }
    }
  }
}
