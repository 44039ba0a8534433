import { Errno } from '../errno.js';
import { coded } from '../error-catalog.js';
import { leastLength } from '../extended-values.js';
import { RpcException } from '../errors.js';
import { readField } from './field-path.js';
import { DEFAULT_QUERY_LIMITS, type Filter, type QueryLimits } from './filter.js';
import { parseParams, type QueryParams, type QueryPlan, type SortKey } from './params.js';
import { parseFilter } from './parse-filter.js';
import { compilePredicate } from './predicate.js';
import { projector } from './projection.js';
import { assertAffordable } from './query-cost.js';
import { compareValues } from './value-order.js';

/**
 * The query contract over rows in memory: for a provider whose data is not in the datastore. The
 * rows and their order stay as they are.
 *
 * @returns an array of rows (or of what `select` makes of them), one of them or null with
 *   `single`, a number with `count`
 * @throws RpcException EINVAL for a malformed filter or params, EOVERFLOW when more rows than
 *   `limits.rows` would be returned
 * @example
 * queryArray(disks, [['size', '>', 1e12]], { sort: '-size', select: 'name' }); // ['da3', 'da0']
 */
export function queryArray(
  rows: Iterable<unknown>,
  filter: Filter | undefined = null,
  params: QueryParams | null | undefined = null,
  limits: Partial<QueryLimits> = {},
): unknown {
  const bounds = { ...DEFAULT_QUERY_LIMITS, ...limits };
  assertAffordable(filter, params, bounds);
  const passes = compilePredicate(parseFilter(filter, bounds.filterDepth));
  const plan = parseParams(params);
  const found: unknown[] = [];
  for (const row of rows) if (passes(row)) found.push(row);
  if (plan.outcome === 'count') return found.length;
  const page = slice(sortRows(found, plan.sort), plan);
  if (plan.outcome === 'rows') assertRowCount(page.length, bounds.rows);
  return finish(page, plan, bounds.answerBytes);
}

/** Rows in the order of the keys; those that tie keep their order. Sorts a copy. */
export function sortRows(rows: readonly unknown[], keys: readonly SortKey[]): readonly unknown[] {
  if (keys.length === 0) return rows;
  // Reading a path once per row instead of once per comparison
  const keyed = rows.map((row) => ({ row, values: sortValues(row, keys) }));
  keyed.sort((a, b) => compareSortValues(a.values, b.values, keys));
  return keyed.map(({ row }) => row);
}

/** What a row is sorted by, for who cannot hold the rows themselves. */
export function sortValues(row: unknown, keys: readonly SortKey[]): readonly unknown[] {
  return keys.map(({ path }) => readField(row, path));
}

/** Which of two rows comes first, by their {@link sortValues}; 0 when they tie. */
export function compareSortValues(
  a: readonly unknown[],
  b: readonly unknown[],
  keys: readonly SortKey[],
): number {
  for (const [index, { order }] of keys.entries()) {
    const result = compareValues(a[index], b[index]);
    if (result !== 0) return order === 'ascending' ? result : -result;
  }
  return 0;
}

/** Offset, then limit. */
function slice(rows: readonly unknown[], plan: QueryPlan): readonly unknown[] {
  return plan.offset === 0 && plan.limit >= rows.length
    ? rows
    : rows.slice(plan.offset, plan.offset + plan.limit);
}

/**
 * The last steps: reverse, exclude and select, single. `rows` are those of the page asked for.
 *
 * @param maxBytes - of what `select` makes of the rows: it can name one field of each row many times
 * @throws RpcException EOVERFLOW when it is more
 */
export function finish(rows: readonly unknown[], plan: QueryPlan, maxBytes: number): unknown {
  const ordered = plan.direction === 'reverse' ? rows.toReversed() : rows;
  const project = projector(plan);
  if (plan.outcome === 'single') return ordered.length === 0 ? null : project(ordered[0]);
  const multiplies = plan.select !== null && plan.select.length > 1;
  return multiplies ? boundedProjection(ordered, project, maxBytes) : ordered.map(project);
}

function boundedProjection(
  rows: readonly unknown[],
  project: (row: unknown) => unknown,
  maxBytes: number,
): unknown[] {
  let left = maxBytes;
  return rows.map((row) => {
    const values = project(row);
    left -= leastLength(values, left);
    if (left < 0) throw coded('ANSWER_TOO_LARGE', { limit: maxBytes });
    return values;
  });
}

/** @throws RpcException EOVERFLOW naming the limit */
export function assertRowCount(count: number, limit: number): void {
  if (count <= limit) return;
  throw new RpcException(
    Errno.EOVERFLOW,
    `The query returns more than ${limit} rows: pass a limit, narrow the filter or use a stream`,
  );
}
