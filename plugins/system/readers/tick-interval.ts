export const INTERVAL_KEY = 'system.load.interval';
export const DEFAULT_SECONDS = 5;
const MAX_SECONDS = 300;

/** The seconds between two ticks, or null for a value that cannot be meant so. */
export function tickSeconds(value: unknown): number | null {
  if (typeof value !== 'number' || !Number.isInteger(value)) return null;
  return value >= 1 && value <= MAX_SECONDS ? value : null;
}
