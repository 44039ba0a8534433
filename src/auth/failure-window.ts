import { coded, onAbort } from '../common/index.js';

const WINDOW_MS = 60_000;
/** Attempts of one address or at one user that may wait for others to be decided. */
const MAX_WAITING = 128;
const RETRY_SECONDS = 5;

/** The failures of the last minute of an address or a user, and the attempts not decided yet. */
export class FailureWindow {
  #times: number[] = [];
  #pending = 0;
  readonly #waiting = new Set<() => void>();
  /** When the next attempt that is only let through one at a time has its turn. */
  nextTurnMs = 0;

  constructor(private readonly limit: number) {}

  count(nowMs: number): number {
    // the clock never goes back, so the old ones are in front
    const first = this.#times.findIndex((time) => time > nowMs - WINDOW_MS);
    if (first !== 0) this.#times = first === -1 ? [] : this.#times.slice(first);
    return this.#times.length;
  }

  isFull(nowMs: number): boolean {
    return this.count(nowMs) >= this.limit;
  }

  get isDeciding(): boolean {
    return this.#pending > 0;
  }

  /** Should all that is being decided fail, there is no room for another. */
  isBusy(nowMs: number): boolean {
    return this.#pending > 0 && this.count(nowMs) + this.#pending >= this.limit;
  }

  /** Past the limit the oldest gives way: the window stays full for as long as the failures go on. */
  add(nowMs: number): void {
    if (this.isFull(nowMs)) this.#times.shift();
    this.#times.push(nowMs);
  }

  enter(): void {
    this.#pending += 1;
  }

  leave(): void {
    this.#pending -= 1;
    for (const wake of [...this.#waiting]) wake();
  }

  /**
   * Resolves when an attempt has been decided.
   *
   * @throws RpcException EBUSY when too many wait already; whatever `signal` was aborted with
   */
  whenDecided(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#waiting.size >= MAX_WAITING) throw coded('LOGINS_BUSY', { seconds: RETRY_SECONDS });
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        this.#waiting.delete(wake);
        forget();
        settle();
      };
      const wake = (): void => end(resolve);
      this.#waiting.add(wake);
      const forget = onAbort(signal, () => end(() => reject(signal.reason as Error)));
    });
  }

  /** Until the oldest is a minute old. */
  secondsLeft(nowMs: number): number {
    const [oldest = nowMs] = this.#times;
    return Math.max(1, Math.ceil((oldest + WINDOW_MS - nowMs) / 1_000));
  }
}
