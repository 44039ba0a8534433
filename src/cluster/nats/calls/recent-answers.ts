const MAX_ANSWERS = 1_000;
const MAX_CHARACTERS = 1_048_576;

/**
 * The latest answers to one node, to be repeated: the node may have been without NATS when they were
 * sent. The oldest go first.
 */
export class RecentAnswers {
  readonly #texts = new Map<string, string>();
  #characters = 0;

  add(id: string, text: string): void {
    if (text.length > MAX_CHARACTERS) return;
    this.#texts.set(id, text);
    this.#characters += text.length;
    for (const [oldest, { length }] of this.#texts) {
      if (this.#texts.size <= MAX_ANSWERS && this.#characters <= MAX_CHARACTERS) return;
      this.#texts.delete(oldest);
      this.#characters -= length;
    }
  }

  get(id: string): string | undefined {
    return this.#texts.get(id);
  }
}
