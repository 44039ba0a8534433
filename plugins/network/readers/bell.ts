import { onAbort } from 'dispatcher';

/**
 * Carries hints from a callback to a loop: rings that come while the loop is busy count as one.
 * Whoever makes one closes it, because it listens to the signal.
 */
export class Bell {
  #wake: (() => void) | undefined;
  #isRung = false;
  #hasEnded = false;

  /** Ends that the signal is listened to. */
  readonly close: () => void;

  constructor(private readonly signal: AbortSignal) {
    this.close = onAbort(signal, () => this.#wake?.());
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
}
