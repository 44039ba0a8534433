/** What is read from the clock may be that much too early. */
export const CLOCK_STEP_MS = 1_000;

/** The time as of the last tick, one a second: to read the real clock for every frame would show in the profile. */
export class CoarseClock {
  #nowMs = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Returns how long the tick before is ago. */
  tick(nowMs: number): number {
    const elapsedMs = nowMs - this.#nowMs;
    this.#nowMs = nowMs;
    return elapsedMs;
  }
}
