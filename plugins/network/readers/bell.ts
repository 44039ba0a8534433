/**
 * Carries hints from a callback to a loop: rings that come while the loop is busy count as one.
 * Whoever makes one closes it, because it listens to the signal.
 */
export class Bell {
  readonly #abort = (): void => this.#wake?.();
  #wake: (() => void) | undefined;
  #isRung = false;
  #hasEnded = false;

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener('abort', this.#abort);
  }

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  /** Nobody will ring any more. */
  end(): void {
    this.#hasEnded = true;
    this.#wake?.();
  }

  /** True for a ring since the last call, false after the end. Rejects when the signal fires. */
  async rung(): Promise<boolean> {
    while (!this.#isRung && !this.#hasEnded && !this.signal.aborted) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.signal.throwIfAborted();
    const isRung = this.#isRung;
    this.#isRung = false;
    return isRung;
  }

  close(): void {
    this.signal.removeEventListener('abort', this.#abort);
  }
}
