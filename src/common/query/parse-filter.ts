import { isRealMoment } from '../calendar.js';
import {
  type Condition,
  EVERYTHING,
  type FieldCondition,
  type GroupCondition,
} from './condition.js';
import { parseFieldPath } from './field-path.js';
import {
  DEFAULT_QUERY_LIMITS,
  GROUP_OPERATORS,
  type GroupOperator,
  OPERATORS,
  type Operator,
} from './filter.js';
import { compilePattern } from './pattern.js';
import { fail } from './query-error.js';

type Place = readonly (string | number)[];

const GROUPS: ReadonlySet<unknown> = new Set(GROUP_OPERATORS);
const FIELD_OPERATORS: ReadonlySet<unknown> = new Set(OPERATORS);
const MAX_VALUE_DEPTH = 100;
const TIMESTAMP =
  /^[+-]?\d{4,6}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * Checks a filter from outside and turns it into a tree of conditions.
 *
 * @throws RpcException EINVAL with the place of the first fault: a malformed tuple, an unknown
 *   operator, a bad pattern, nesting beyond the limit
 * @example
 * parseFilter([['uid', '>', 1000]]);
 */
export function parseFilter(
  filter: unknown,
  maxDepth: number = DEFAULT_QUERY_LIMITS.filterDepth,
): GroupCondition {
  if (filter === null || filter === undefined) return EVERYTHING;
  if (!Array.isArray(filter)) throw fail([], 'A filter is an array of conditions or null');
  return { kind: 'group', operator: 'and', conditions: parseAll(filter, [], maxDepth) };
}

function parseAll(items: readonly unknown[], place: Place, depthLeft: number): Condition[] {
  if (depthLeft < 1)
    throw fail(place.slice(0, 4), 'conditions are nested too deeply (limit filter-depth)');
  return items.map((item, index) => parseTuple(item, [...place, index], depthLeft));
}

function parseTuple(item: unknown, place: Place, depthLeft: number): Condition {
  if (!Array.isArray(item)) {
    throw fail(place, "expected a condition such as ['name', '=', 'value']");
  }
  const tuple: readonly unknown[] = item;
  if (tuple.length === 2) return parseGroup(tuple, place, depthLeft);
  if (tuple.length === 3 || tuple.length === 4) return parseField(tuple, place);
  throw fail(place, `expected 2, 3 or 4 elements, not ${tuple.length}`);
}

function parseGroup(tuple: readonly unknown[], place: Place, depthLeft: number): GroupCondition {
  const [operator, conditions] = tuple;
  if (!isGroupOperator(operator)) {
    throw fail([...place, 0], `expected one of ${GROUP_OPERATORS.join(', ')}`);
  }
  if (!Array.isArray(conditions)) throw fail([...place, 1], 'expected an array of conditions');
  return {
    kind: 'group',
    operator,
    conditions: parseAll(conditions, [...place, 1], depthLeft - 1),
  };
}

function parseField(tuple: readonly unknown[], place: Place): FieldCondition {
  const [field, operator, raw] = tuple;
  const path = parseFieldPath(field, [...place, 0]);
  if (!isOperator(operator)) {
    throw fail(
      [...place, 1],
      `unknown operator ${describe(operator)}: use one of ${OPERATORS.join(' ')}`,
    );
  }
  const value = tuple.length === 4 ? convert(raw, tuple[3], place) : raw;
  const at = [...place, 2];
  if (isTooDeep(value, MAX_VALUE_DEPTH)) throw fail(at, 'the value is nested too deeply');
  if (operator === '~' || operator === 'match') {
    if (typeof value !== 'string') throw fail(at, `${operator} takes a string`);
    compilePattern(operator, value, at); // what does not compile is refused here, with its place
    return { kind: 'pattern', path, operator, pattern: value };
  }
  if (operator === 'in' || operator === 'nin') {
    if (!Array.isArray(value)) throw fail(at, `${operator} takes an array of values`);
    return { kind: 'membership', path, operator, values: value };
  }
  return { kind: 'comparison', path, operator, value };
}

function convert(value: unknown, conversion: unknown, place: Place): unknown {
  if (conversion !== 'timestamp') {
    throw fail([...place, 3], `unknown conversion ${describe(conversion)}: use 'timestamp'`);
  }
  return Array.isArray(value)
    ? value.map((item: unknown, index) => toDate(item, [...place, 2, index]))
    : toDate(value, [...place, 2]);
}

/** Without a zone the time is UTC: a result must not depend on where the server stands. */
function toDate(value: unknown, place: Place): Date | null {
  if (value === null || value instanceof Date) return value;
  if (typeof value === 'string' && TIMESTAMP.test(value) && isRealMoment(value)) {
    const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/.test(value.slice(10)) || value.length <= 10;
    const date = new Date(hasZone ? value : `${value.replace(' ', 'T')}Z`);
    if (!Number.isNaN(date.getTime())) return date;
  }
  throw fail(place, 'expected a time in ISO 8601, such as 2024-05-01T12:00:00Z');
}

function isTooDeep(value: unknown, depthLeft: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depthLeft < 1) return true;
  return Object.values(value).some((item) => isTooDeep(item, depthLeft - 1));
}

function isGroupOperator(value: unknown): value is GroupOperator {
  return GROUPS.has(value);
}

function isOperator(value: unknown): value is Operator {
  return FIELD_OPERATORS.has(value);
}

function describe(value: unknown): string {
  return typeof value === 'string' ? `'${value.slice(0, 40)}'` : `of type ${typeof value}`;
}
