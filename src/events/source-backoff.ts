const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** A loop that ran for so long was well: its next failure counts as the first. */
export const STEADY_AFTER_MS = 60_000;

/**
 * How long to wait after the nth failure in a row: twice as long each time, from a second to a
 * minute, less a random half so that sources that failed together do not come back together.
 *
 * @param random from 0 up to 1
 */
export function backOffMs(streak: number, random: number): number {
  const longest = Math.min(FIRST_MS * 2 ** (streak - 1), LONGEST_MS);
  return Math.max(FIRST_MS, longest * (1 - random / 2));
}
