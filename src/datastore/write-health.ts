import { Errno, isDispatcherError, messageOf } from '../common/index.js';

/** Failures that are the store's; any other is the fault of what was to be written. */
const STORES_FAULT: ReadonlySet<Errno> = new Set([Errno.ENOSPC, Errno.EIO, Errno.EACCES]);
/** For so long a small change that works does not prove that a large one would. */
const DOUBT_MS = 5_000;

/** Whether the store takes changes, as those tell that were tried: a store can be read long after. */
export class WriteHealth {
  #failure: string | null = null;
  #failedAtMs = 0;

  constructor(
    /** Told at the first failure, with the reason, and with null when changes work again. */
    private readonly onChange: (failure: string | null) => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Why the latest change failed; null when it did not. */
  get failure(): string | null {
    return this.#failure;
  }

  /** False for a moment after a failure. */
  get mayBeOver(): boolean {
    return this.nowMs() - this.#failedAtMs >= DOUBT_MS;
  }

  noteFailure(error: unknown): void {
    if (!isDispatcherError(error) || !STORES_FAULT.has(error.code)) return;
    this.#failedAtMs = this.nowMs();
    const isFirst = this.#failure === null;
    this.#failure = messageOf(error);
    if (isFirst) this.onChange(this.#failure);
  }

  /** A small change fits where a large one did not: right after a failure it says nothing. */
  noteSuccess(): void {
    if (this.#failure === null || !this.mayBeOver) return;
    this.#failure = null;
    this.onChange(null);
  }
}
