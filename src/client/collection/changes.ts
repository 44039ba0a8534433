/** What a row is found by. */
export type RowKey = string | number;

/** Anything may have changed. */
export const ALL = 'all';

/** Keys of rows that came, went or changed. */
export type Changes = typeof ALL | ReadonlySet<RowKey>;

/** What an event says; one that names no keys may mean any row. */
export function readChange(args: unknown): Changes {
  const { ids } = (args ?? {}) as { readonly ids?: unknown };
  if (!Array.isArray(ids)) return ALL;
  const keys = ids.filter((id): id is RowKey => typeof id === 'string' || typeof id === 'number');
  return keys.length === ids.length ? new Set(keys) : ALL;
}

export function mergeChanges(before: Changes | null, more: Changes): Changes {
  if (before === null) return more;
  return before === ALL || more === ALL ? ALL : new Set([...before, ...more]);
}
