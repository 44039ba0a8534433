/** The last bytes of a stream, however much comes. */
export class OutputTail {
  #chunks: Uint8Array[] = [];
  #kept = 0;
  #dropped = 0;

  constructor(private readonly maxBytes: number) {}

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#kept += chunk.length;
    if (this.#kept > 2 * this.maxBytes) this.#trim();
  }

  get droppedBytes(): number {
    this.#trim();
    return this.#dropped;
  }

  /** What is no UTF-8 shows as a replacement character. */
  toString(): string {
    this.#trim();
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  #trim(): void {
    const excess = this.#kept - this.maxBytes;
    if (excess <= 0) return;
    this.#chunks = [Buffer.concat(this.#chunks).subarray(excess)];
    this.#kept -= excess;
    this.#dropped += excess;
  }
}
