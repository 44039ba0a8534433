import {
  compareSortValues,
  compilePredicate,
  type FilterTuple,
  parseFieldPath,
  parseFilter,
  parseParams,
  PatternEffort,
  readField,
  sortValues,
} from '../../../common/query/index.js';
import { UsageError } from '../../exit-status.js';
import { isSchema } from '../../values/index.js';
import { nativeOf } from './native.js';
import type { RowStage } from './stage.js';

/** Rows on their way, or the one value that is left of them. */
export type Rows =
  | { readonly kind: 'rows'; readonly rows: AsyncIterable<unknown> }
  | { readonly kind: 'value'; readonly value: unknown };

/** Nobody else waits for this program: only ^C ends a slow expression. */
const NO_BOUNDS = { stepsAtOnce: Infinity, milliseconds: Infinity };

/**
 * Carries out stages on rows as they come, with the meaning that they have on the server; what need not
 * be held is not.
 *
 * @throws UsageError where a stage cannot work on what it is given
 */
export async function runStages(start: Rows, stages: readonly RowStage[]): Promise<Rows> {
  let flow = start;
  for (let at = 0; at < stages.length; at += 1) {
    const stage = stages[at];
    if (stage === undefined) break;
    const next = stages[at + 1];
    if (stage.kind === 'sort' && next?.kind === 'limit' && flow.kind === 'rows') {
      flow = rowsOf(smallest(flow.rows, stage.keys, next.count));
      at += 1;
    } else {
      flow = await runStage(flow, stage);
    }
  }
  return flow;
}

const rowsOf = (rows: AsyncIterable<unknown>): Rows => ({ kind: 'rows', rows });
const valueOf = (value: unknown): Rows => ({ kind: 'value', value });

async function runStage(flow: Rows, stage: RowStage): Promise<Rows> {
  if (flow.kind === 'value') return ofValue(flow.value, stage);
  const { rows } = flow;
  switch (stage.kind) {
    case 'search':
      return rowsOf(filtered(rows, { filter: stage.filter, name: 'search' }));
    case 'exclude':
      return rowsOf(filtered(rows, { filter: [['nor', stage.filter]], name: 'exclude' }));
    case 'find':
      return valueOf(await first(filtered(rows, { filter: stage.filter, name: 'find' })));
    case 'sort':
      return rowsOf(sorted(rows, stage.keys));
    case 'limit':
      return rowsOf(limited(rows, stage.count));
    case 'offset':
      return rowsOf(skipped(rows, stage.count));
    case 'tail':
      return rowsOf(last(rows, stage.count));
    case 'select':
      return rowsOf(mapped(rows, projection(stage.fields)));
    case 'get':
      return rowsOf(mapped(rows, projection([stage.field])));
    case 'count':
      return valueOf(await counted(rows));
    case 'uniq':
      return rowsOf(distinct(rows, stage.fields));
    case 'group':
      return rowsOf(grouped(rows, stage.field));
  }
}

/** Of one object its properties can be taken; everything else needs rows. */
function ofValue(value: unknown, stage: RowStage): Rows {
  const isObject = isSchema(value);
  if (isObject && stage.kind === 'get') return valueOf(projection([stage.field])(value));
  if (isObject && stage.kind === 'select') return valueOf(projection(stage.fields)(value));
  const what = value === null ? 'nothing' : isObject ? 'one object' : `one ${typeof value}`;
  throw new UsageError(`${stage.kind} works on rows, and this is ${what}`);
}

interface Filtering {
  readonly filter: readonly FilterTuple[];
  readonly name: string;
}

async function* filtered(rows: AsyncIterable<unknown>, { filter, name }: Filtering) {
  const passes = compilePredicate(parseFilter(nativeOf(filter)), new PatternEffort(NO_BOUNDS));
  for await (const row of rows) {
    if (!isSchema(row)) {
      throw new UsageError(`${name} compares properties, and these rows have none: ${shown(row)}`);
    }
    if (passes(nativeOf(row))) yield row;
  }
}

const SHOWN = 40;
const shown = (row: unknown): string => JSON.stringify(row).slice(0, SHOWN);

async function first(rows: AsyncIterable<unknown>): Promise<unknown> {
  for await (const row of rows) return row;
  return null;
}

interface Keyed {
  readonly row: unknown;
  readonly values: readonly unknown[];
  readonly at: number;
}

function sorting(keys: readonly string[]) {
  const plan = parseParams({ sort: keys }).sort;
  return {
    keyed: (row: unknown, at: number): Keyed => ({
      row,
      values: sortValues(nativeOf(row), plan),
      at,
    }),
    compare: (a: Keyed, b: Keyed): number =>
      compareSortValues(a.values, b.values, plan) || a.at - b.at,
  };
}

async function* sorted(rows: AsyncIterable<unknown>, keys: readonly string[]) {
  const { keyed, compare } = sorting(keys);
  const all: Keyed[] = [];
  for await (const row of rows) all.push(keyed(row, all.length));
  for (const { row } of all.sort(compare)) yield row;
}

/** The first of what would be sorted, without holding more than twice as many. */
async function* smallest(rows: AsyncIterable<unknown>, keys: readonly string[], count: number) {
  const { keyed, compare } = sorting(keys);
  let kept: Keyed[] = [];
  let at = 0;
  for await (const row of rows) {
    kept.push(keyed(row, at));
    at += 1;
    if (kept.length > count * 2 + LEAST_HELD) kept = kept.sort(compare).slice(0, count);
  }
  for (const { row } of kept.sort(compare).slice(0, count)) yield row;
}

const LEAST_HELD = 100;

/** Asks for no more than it passes on. */
async function* limited(rows: AsyncIterable<unknown>, count: number) {
  if (count === 0) return;
  let left = count;
  for await (const row of rows) {
    yield row;
    left -= 1;
    if (left === 0) return;
  }
}

async function* skipped(rows: AsyncIterable<unknown>, count: number) {
  let left = count;
  for await (const row of rows) {
    if (left > 0) left -= 1;
    else yield row;
  }
}

async function* last(rows: AsyncIterable<unknown>, count: number) {
  const ring: unknown[] = [];
  let at = 0;
  for await (const row of rows) {
    if (count > 0) ring[at % count] = row;
    at += 1;
  }
  const start = Math.max(0, at - count);
  for (let place = start; place < at; place += 1) yield ring[place % count];
}

async function* mapped(rows: AsyncIterable<unknown>, map: (row: unknown) => unknown) {
  for await (const row of rows) yield map(row);
}

/** One field gives its bare values, several give objects; a path that leads nowhere gives null. */
function projection(fields: readonly string[]): (row: unknown) => unknown {
  const paths = fields.map((field) => [field, parseFieldPath(field)] as const);
  const [only] = paths;
  if (paths.length === 1 && only !== undefined) return (row) => readField(row, only[1]);
  return (row) => Object.fromEntries(paths.map(([field, path]) => [field, readField(row, path)]));
}

async function counted(rows: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  const iterator = rows[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true) count += 1;
  return count;
}

/** Holds what tells rows apart, and not the rows. */
async function* distinct(rows: AsyncIterable<unknown>, fields: readonly string[]) {
  const project = fields.length === 0 ? (row: unknown) => row : projection(fields);
  const seen = new Set<string>();
  for await (const row of rows) {
    const key = JSON.stringify(project(row));
    if (seen.has(key)) continue;
    seen.add(key);
    yield row;
  }
}

async function* grouped(rows: AsyncIterable<unknown>, field: string) {
  const project = projection([field]);
  const groups = new Map<string, { readonly value: unknown; count: number }>();
  for await (const row of rows) {
    const value = project(row);
    const key = JSON.stringify(value);
    const group = groups.get(key) ?? { value, count: 0 };
    group.count += 1;
    groups.set(key, group);
  }
  for (const { value, count } of groups.values()) yield { [field]: value, count };
}
