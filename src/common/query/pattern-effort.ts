import { coded } from '../error-catalog.js';

export interface EffortLimits {
  /** Of one match, in characters times steps of the expression: a match cannot be interrupted. */
  readonly stepsAtOnce: number;
  /** Of all matches of one query. */
  readonly milliseconds: number;
}

/** In the thread that serves everybody. */
const SHARED_THREAD: EffortLimits = { stepsAtOnce: 1_000_000, milliseconds: 60 };
/** In a thread that does nothing but search. */
export const OWN_THREAD: EffortLimits = { stepsAtOnce: 10_000_000, milliseconds: 2_000 };

/**
 * What the expressions of one query cost. Their number and size are bounded before, but not the rows
 * and texts that they are held against: nobody may hold up the others by a slow expression over many.
 */
export class PatternEffort {
  #spentMs = 0;

  constructor(private readonly limits: EffortLimits = SHARED_THREAD) {}

  /** @throws RpcException EOVERFLOW when it is too much */
  spend(steps: number, match: () => boolean): boolean {
    if (steps > this.limits.stepsAtOnce) throw coded('PATTERN_TOO_SLOW');
    const startMs = performance.now();
    const isMatch = match();
    this.#spentMs += performance.now() - startMs;
    if (this.#spentMs > this.limits.milliseconds) throw coded('PATTERN_TOO_SLOW');
    return isMatch;
  }
}
