/** Upper ends of the buckets, in seconds; the last bucket takes what is above them all. */
export const LATENCY_BOUNDS = [
  0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60,
] as const;

const BOUNDS_MS = LATENCY_BOUNDS.map((seconds) => seconds * 1_000);

/** What happened to the calls of one method. Plain fields: each call adds to them. */
export class MethodTally {
  begun = 0;
  ended = 0;
  durationMs = 0;
  /** By bucket; most calls end in the first one looked at. */
  readonly buckets = new Float64Array(BOUNDS_MS.length + 1);
  /** By the name of the error's number. */
  readonly errors = new Map<string, number>();

  constructor(readonly method: string) {}

  get running(): number {
    return this.begun - this.ended;
  }

  end(durationMs: number): void {
    this.ended += 1;
    this.durationMs += durationMs;
    let bucket = 0;
    while (bucket < BOUNDS_MS.length && durationMs > (BOUNDS_MS[bucket] ?? 0)) bucket += 1;
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
  }

  fail(name: string): void {
    this.errors.set(name, (this.errors.get(name) ?? 0) + 1);
  }
}
