import { type FieldPath, parseFieldPath } from './field-path.js';
import { fail } from './query-error.js';

/**
 * What to do with the rows a filter lets through. The order of evaluation is fixed: filter, sort,
 * offset, limit, reverse, exclude, select, then single or count. `count` counts what the filter
 * lets through, before offset and limit.
 *
 * @example
 * { sort: ['-size', 'name'], limit: 10, select: ['name', 'size'] } // [['tank', 5], ['pool', 3]]
 */
export interface QueryParams {
  /** The first row, or null. */
  readonly single?: boolean | null;
  /** The number of rows; wins over `single`. */
  readonly count?: boolean | null;
  /** How many rows to skip. */
  readonly offset?: number | null;
  /** How many rows to return at most; 0 returns none. */
  readonly limit?: number | null;
  /** Fields to sort by, `-field` descending. Rows that tie keep their order. */
  readonly sort?: string | readonly string[] | null;
  /** The direction of the `sort` fields that have no `-`. */
  readonly dir?: 'asc' | 'desc' | null;
  /** Returns the rows back to front, after offset and limit. */
  readonly reverse?: boolean | null;
  /** One path: its values; several: an array of values for each row. */
  readonly select?: string | readonly string[] | null;
  /** Paths to leave out of the rows. */
  readonly exclude?: string | readonly string[] | null;
}

/** Params that were checked. */
export interface QueryPlan {
  readonly outcome: 'rows' | 'single' | 'count';
  readonly sort: readonly SortKey[];
  readonly offset: number;
  readonly limit: number;
  readonly direction: 'forward' | 'reverse';
  readonly exclude: readonly FieldPath[];
  readonly select: FieldPath | readonly FieldPath[] | null;
}

export interface SortKey {
  readonly path: FieldPath;
  readonly order: 'ascending' | 'descending';
}

const KEYS: ReadonlySet<string> = new Set<keyof QueryParams>([
  'single',
  'count',
  'offset',
  'limit',
  'sort',
  'dir',
  'reverse',
  'select',
  'exclude',
]);

/**
 * Checks params from outside.
 *
 * @throws RpcException EINVAL naming the parameter
 */
export function parseParams(params: unknown): QueryPlan {
  const given = asObject(params);
  const unknown = [...given.keys()].find((key) => !KEYS.has(key));
  if (unknown !== undefined)
    throw fail([unknown], `unknown parameter: use ${[...KEYS].join(', ')}`);
  return {
    outcome: readOutcome(given),
    sort: readSort(given),
    offset: readNumber(given, 'offset') ?? 0,
    limit: readNumber(given, 'limit') ?? Number.POSITIVE_INFINITY,
    direction: readFlag(given, 'reverse') ? 'reverse' : 'forward',
    exclude: readPaths(given, 'exclude'),
    select: readSelect(given),
  };
}

type Given = ReadonlyMap<string, unknown>;

function asObject(params: unknown): Given {
  if (params === null || params === undefined) return new Map();
  if (typeof params !== 'object' || Array.isArray(params)) {
    throw fail([], 'Query parameters are an object or null');
  }
  return new Map(
    Object.entries(params).filter(([, value]) => value !== undefined && value !== null),
  );
}

function readOutcome(given: Given): QueryPlan['outcome'] {
  const single = readFlag(given, 'single');
  if (readFlag(given, 'count')) return 'count';
  return single ? 'single' : 'rows';
}

function readFlag(given: Given, key: string): boolean {
  const value = given.get(key) ?? false;
  if (typeof value !== 'boolean') throw fail([key], 'expected true or false');
  return value;
}

function readNumber(given: Given, key: string): number | undefined {
  const value = given.get(key);
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value) || Number(value) < 0) {
    throw fail([key], 'expected an integer that is not negative');
  }
  return Number(value);
}

function readSort(given: Given): SortKey[] {
  const dir = given.get('dir') ?? 'asc';
  if (dir !== 'asc' && dir !== 'desc') throw fail(['dir'], "expected 'asc' or 'desc'");
  const plain = dir === 'asc' ? 'ascending' : 'descending';
  return readTexts(given, 'sort').map((text, index): SortKey => {
    const isMarked = text.startsWith('-');
    return {
      path: parseFieldPath(isMarked ? text.slice(1) : text, ['sort', index]),
      order: isMarked ? 'descending' : plain,
    };
  });
}

function readSelect(given: Given): QueryPlan['select'] {
  const value = given.get('select');
  if (value === undefined) return null;
  return typeof value === 'string' ? parseFieldPath(value, ['select']) : readPaths(given, 'select');
}

function readPaths(given: Given, key: string): FieldPath[] {
  return readTexts(given, key).map((text, index) => parseFieldPath(text, [key, index]));
}

function readTexts(given: Given, key: string): string[] {
  const value = given.get(key) ?? [];
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
  return texts.map((text, index) => {
    if (typeof text !== 'string') throw fail([key, index], 'expected the name of a field');
    return text;
  });
}
