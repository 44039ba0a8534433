import type { Filter } from '../common/query/index.js';

const trusted = new WeakSet<object>();

/**
 * Conditions that the server itself joins to somebody's filter, such as those of what they may see:
 * the cost of a query is charged to whoever asks, and that part they did not ask for.
 */
export function trustedConditions(conditions: NonNullable<Filter>): NonNullable<Filter> {
  for (const condition of conditions) trusted.add(condition);
  return conditions;
}

/** The filter without those conditions. */
export function chargedFilter(filter: Filter): Filter {
  if (!Array.isArray(filter)) return filter; // malformed: whoever parses it says so
  const conditions = filter as NonNullable<Filter>;
  return conditions.filter((condition: unknown) => !isTrusted(condition));
}

function isTrusted(condition: unknown): boolean {
  return typeof condition === 'object' && condition !== null && trusted.has(condition);
}
