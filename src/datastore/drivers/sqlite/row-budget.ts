/** Thrown in the thread that reads, before it reads what would be too much. */
export class RowsTooLarge extends Error {
  constructor(readonly maxBytes: number) {
    super(`The rows have more than ${maxBytes} bytes`);
  }
}

/** Counts the bytes of the rows that are held for one query. */
export class RowBudget {
  #left: number;

  constructor(private readonly maxBytes: number) {
    this.#left = maxBytes;
  }

  /** @throws RowsTooLarge */
  take(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw new RowsTooLarge(this.maxBytes);
  }
}
