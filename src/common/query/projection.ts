import { type FieldPath, readField } from './field-path.js';
import type { QueryPlan } from './params.js';

/** Applies `exclude`, then `select`, to one row; the row itself is left as it is. */
export function projector({
  exclude,
  select,
}: Pick<QueryPlan, 'exclude' | 'select'>): (row: unknown) => unknown {
  const strip = exclude.length === 0 ? identity : (row: unknown) => exclude.reduce(without, row);
  if (select === null) return strip;
  if (isOnePath(select)) return (row) => readField(strip(row), select);
  return (row) => {
    const rest = strip(row);
    return select.map((path) => readField(rest, path));
  };
}

function identity(row: unknown): unknown {
  return row;
}

function isOnePath(select: FieldPath | readonly FieldPath[]): select is FieldPath {
  return typeof select[0] === 'string';
}

/** A copy without the value at the path. An element of an array becomes null, so that its neighbours keep their indexes. */
function without(value: unknown, path: FieldPath): unknown {
  const [head, ...tail] = path;
  if (head === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.map((item, i) =>
      String(i) !== head ? item : tail.length === 0 ? null : without(item, tail),
    );
  }
  if (!Object.hasOwn(value, head)) return value;
  const entries = Object.entries(value).filter(([key]) => tail.length > 0 || key !== head);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, key === head ? without(item, tail) : item]),
  );
}
