/** The answers to one batch, which leave together once the last of them is there. */
export class BatchAnswer {
  readonly #texts: string[] = [];
  /** Characters of the answers so far, ids and errors included. */
  length = 0;
  /** An answer had no room any more: what was not run yet need not be. */
  isFull = false;

  /** @param expected - how many of its entries get an answer */
  constructor(private readonly expected: number) {}

  /** The text of the whole answer when this was the last; null before. */
  add(text: string): string | null {
    this.length += text.length;
    return this.#texts.push(text) === this.expected ? `[${this.#texts.join(',')}]` : null;
  }
}
