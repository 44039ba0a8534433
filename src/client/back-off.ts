/** How long to wait before a connection is tried again. */
export interface BackOffOptions {
  /** Before the first attempt; doubled with every further one. Default 250. */
  readonly firstMs: number;
  /** Never longer than this. Default 15,000. */
  readonly longestMs: number;
  /** A connection that lasted this long makes the next wait a first one again. Default 5,000. */
  readonly stableMs: number;
}

export const DEFAULT_BACK_OFF: BackOffOptions = {
  firstMs: 250,
  longestMs: 15_000,
  stableMs: 5_000,
};

/**
 * The wait before an attempt: half of it fixed, half by chance, so that a thousand clients of a
 * server that comes back do not all knock in the same moment.
 *
 * @param attempt - 1 for the first after the connection was lost
 * @param random - from 0 to 1
 */
export function backOffMs(
  attempt: number,
  { firstMs, longestMs }: BackOffOptions,
  random: number,
): number {
  const whole = Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(whole / 2 + (whole / 2) * random);
}
