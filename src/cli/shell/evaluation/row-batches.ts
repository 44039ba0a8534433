/** For so long nothing has to come before what has come is shown. */
const PAUSE_MS = 300;
/** Rows that come one by one, but steadily, are shown after so long; those of a list all come in less. */
const HELD_MS = 1_000;
const FEW_PER_MS = 1;
const LOOK_MS = 100;

export interface RowBatch {
  readonly rows: readonly unknown[];
  /** Nothing follows. */
  readonly isAll: boolean;
}

/**
 * Takes rows in batches: as many as are wanted, or what there is when the source pauses or is slow. So a stream that
 * goes on, such as a log that is followed, is seen as it comes, and a list is seen whole.
 */
export class RowBatches {
  readonly #iterator: AsyncIterator<unknown>;
  #rows: unknown[] = [];
  #isAll = false;
  #failure: { readonly error: unknown } | null = null;
  #isPumping = false;
  #firstAtMs = 0;
  #lastAtMs = 0;
  #look: () => void = () => undefined;

  constructor(rows: AsyncIterable<unknown>) {
    this.#iterator = rows[Symbol.asyncIterator]();
  }

  /** Resolves with at least one row, or the last batch. @throws what the source throws, after the rows before */
  async take(limit: number): Promise<RowBatch> {
    void this.#pump(limit);
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#look = () => {
        const isOver = this.#isAll || this.#failure !== null || this.#rows.length >= limit;
        if (isOver || (this.#rows.length > 0 && this.#isWaitedFor())) resolve();
      };
      timer = setInterval(this.#look, LOOK_MS);
      this.#look();
    });
    clearInterval(timer);
    const rows = this.#rows;
    this.#rows = [];
    if (rows.length === 0 && this.#failure !== null) throw this.#failure.error;
    return { rows, isAll: this.#isAll };
  }

  /** Nobody wants the rest; the source may clean up. */
  async close(): Promise<void> {
    if (this.#isPumping) void this.#iterator.return?.();
    else await this.#iterator.return?.();
  }

  #isWaitedFor(): boolean {
    const nowMs = performance.now();
    const heldMs = nowMs - this.#firstAtMs;
    const isSlow = heldMs >= HELD_MS && this.#rows.length < heldMs * FEW_PER_MS;
    return isSlow || nowMs - this.#lastAtMs >= PAUSE_MS;
  }

  async #pump(limit: number): Promise<void> {
    if (this.#isPumping || this.#isAll || this.#failure !== null) return;
    this.#isPumping = true;
    try {
      while (this.#rows.length < limit) {
        const next = await this.#iterator.next();
        if (next.done === true) {
          this.#isAll = true;
          break;
        }
        this.#rows.push(next.value);
        this.#lastAtMs = performance.now();
        if (this.#rows.length === 1) this.#firstAtMs = this.#lastAtMs;
      }
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#isPumping = false;
      this.#look();
    }
  }
}
