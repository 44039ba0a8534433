/** What is kept of a task's output, in characters: the end tells most. */
const KEPT = 64 * 1024;

/** The last part of a text that comes in pieces, however long it gets. */
export class OutputTail {
  #pieces: string[] = [];
  #kept = 0;
  #dropped = 0;

  add(text: string): void {
    const piece = text.length > KEPT ? text.slice(-KEPT) : text;
    this.#dropped += text.length - piece.length;
    this.#pieces.push(piece);
    this.#kept += piece.length;
    if (this.#kept > 2 * KEPT) this.#shorten();
  }

  /** Null when nothing came. */
  get text(): string | null {
    if (this.#kept === 0) return null;
    this.#shorten();
    const tail = this.#pieces.join('');
    return this.#dropped === 0 ? tail : `[${this.#dropped} characters left out]\n${tail}`;
  }

  #shorten(): void {
    const all = this.#pieces.join('');
    const tail = all.slice(-KEPT);
    this.#dropped += all.length - tail.length;
    this.#pieces = [tail];
    this.#kept = tail.length;
  }
}
