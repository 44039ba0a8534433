/** Counts what happens, second by second, for the last minute. */
export class Rate {
  readonly #counts: number[] = [];
  #second = 0;

  add(nowMs: number): void {
    this.#advance(nowMs);
    this.#counts.push((this.#counts.pop() ?? 0) + 1);
  }

  /** Counts of the last seconds, the present one last. */
  series(nowMs: number): readonly number[] {
    this.#advance(nowMs);
    return [...this.#counts];
  }

  /** Of the last second that is over. */
  last(nowMs: number): number {
    return this.series(nowMs).at(-2) ?? 0;
  }

  #advance(nowMs: number): void {
    const second = Math.floor(nowMs / 1_000);
    const steps = Math.min(60, second - this.#second);
    this.#second = second;
    for (let i = 0; i < steps; i += 1) this.#counts.push(0);
    this.#counts.splice(0, Math.max(0, this.#counts.length - 60));
  }
}
