/** Counts those who still use a generation's code, so that it is forgotten only when nobody does. */
export class CodeRefCount {
  #count = 0;
  readonly #waiting = new Set<() => void>();

  get isInUse(): boolean {
    return this.#count > 0;
  }

  /** Returns how to release it, which may be called more than once. */
  acquire(): () => void {
    let isHeld = true;
    this.#count += 1;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#count -= 1;
      if (this.#count > 0) return;
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    };
  }

  whenReleased(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add(resolve));
  }
}
