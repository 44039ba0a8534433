import { h } from '../sdk/index.js';

/** Past it a timer of Node's fires at once; who waits for 24 days may as well wait longer. */
const MAX_TIMER_MS = 2_147_483_647;

/** A time that callers give, in seconds as the original took it. */
export const SECONDS = h.number({ minimum: 0, description: 'Seconds; without them, no limit' });

export function toMilliseconds(seconds: number): number {
  return Math.min(seconds * 1_000, MAX_TIMER_MS);
}
