const MAX_RESTORES = 3;
const WITHIN_MS = 10 * 60 * 1000;

/** How often a file is restored before somebody else is believed to want it otherwise. */
export class RestoreLimit {
  readonly #times = new Map<string, readonly number[]>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Whether it may be restored now, which then counts. */
  take(name: string): boolean {
    const now = this.now();
    const recent = (this.#times.get(name) ?? []).filter((time) => now - time < WITHIN_MS);
    const isAllowed = recent.length < MAX_RESTORES;
    this.#times.set(name, isAllowed ? [...recent, now] : recent);
    return isAllowed;
  }
}
