/** Does something again and again, one time after the other, until it is ended. */
export class Beating {
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();
  #isOver = false;

  /** @param beat - whatever it rejects with is left to the next time */
  constructor(
    private readonly everyMs: number,
    private readonly beat: () => Promise<void>,
  ) {}

  start(): void {
    if (this.#isOver) return;
    this.#timer = setTimeout(() => {
      void this.now().then(() => this.start());
    }, this.everyMs).unref();
  }

  /** Once more, besides; never rejects. */
  now(): Promise<void> {
    this.#running = this.#running.then(async () => {
      if (!this.#isOver) await this.beat().catch(() => undefined);
    });
    return this.#running;
  }

  end(): void {
    this.#isOver = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Resolves when what is under way is done. */
  async ended(): Promise<void> {
    this.end();
    await this.#running;
  }
}
