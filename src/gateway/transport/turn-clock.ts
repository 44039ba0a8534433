/** Work at what one connection has sent is over for a turn after so long, whatever is left of it: some is dear. */
export const TURN_MS = 20;

/**
 * Counts the turns of the event loop, from one `setImmediate` to the next: for whoever may do so much
 * in a turn and no more.
 */
export class TurnClock {
  #turn = 0;
  #isTicking = false;
  readonly #tick = (): void => {
    this.#isTicking = false;
    this.#turn += 1;
  };

  /** The number of the present turn. An idle loop is not kept turning by it. */
  get current(): number {
    if (!this.#isTicking) {
      this.#isTicking = true;
      setImmediate(this.#tick);
    }
    return this.#turn;
  }
}
