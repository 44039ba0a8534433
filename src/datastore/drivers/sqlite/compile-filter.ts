import { assertNever } from '../../../common/index.js';
import {
  type ComparisonCondition,
  type Condition,
  type FieldPath,
  type GroupCondition,
  isOrdered,
  type PatternCondition,
  Rank,
  rankOf,
} from '../../../common/query/index.js';
import { fixedPrefix, prefixEnd } from '../../prefix-range.js';
import { type KeyOperand, keyOperand, rankBounds } from './sort-key.js';
import { join, type Sql, text } from './sql-text.js';

/**
 * A filter in SQL. It lets through every row that passes; `isExact` says that it lets through no
 * other, else the rows it gives are to be asked again with the predicate.
 */
export interface CompiledFilter extends Sql {
  readonly isExact: boolean;
}

const EVERY_ROW: CompiledFilter = { ...text('1'), isExact: false };
const NO_ROW: CompiledFilter = { ...text('0'), isExact: true };
const MAX_CONDITIONS = 300; // SQLite bounds the depth of an expression; a longer list is left to the predicate
const MAX_BOUND_LIST = 500;

/** Where a field's sort key comes from; null where SQL cannot reach the field. */
export type KeyResolver = (path: FieldPath) => FieldKey | null;

export interface FieldKey {
  readonly sql: string;
  /** A column of integers would turn a text that looks like one into one: it is not compared with texts. */
  readonly holds: 'anything' | 'integers';
}

export function compileFilter(condition: Condition, keyOf: KeyResolver): CompiledFilter {
  if (condition.kind === 'group') return compileGroup(condition, keyOf);
  const key = keyOf(condition.path);
  if (key === null) return EVERY_ROW;
  switch (condition.kind) {
    case 'comparison':
      return compileComparison(condition, key);
    case 'membership': {
      const found = compileMembership(key, condition.values);
      return condition.operator === 'in' ? found : negate(found);
    }
    case 'pattern':
      return compilePattern(condition, key);
    default:
      return assertNever(condition);
  }
}

function compileGroup(
  { operator, conditions }: GroupCondition,
  keyOf: KeyResolver,
): CompiledFilter {
  if (conditions.length > MAX_CONDITIONS) return EVERY_ROW;
  const parts = conditions.map((condition) => compileFilter(condition, keyOf));
  switch (operator) {
    case 'and':
      return combine(parts, 'AND', '1');
    case 'or':
      return combine(parts, 'OR', '0');
    case 'nor':
      return negate(combine(parts, 'OR', '0'));
    default:
      return assertNever(operator);
  }
}

function combine(
  parts: readonly CompiledFilter[],
  word: 'AND' | 'OR',
  none: string,
): CompiledFilter {
  if (parts.length === 0) return exact(text(none));
  const { text: joined, values } = join(parts, ` ${word} `);
  return { text: `(${joined})`, values, isExact: parts.every(({ isExact }) => isExact) };
}

/** What an inexact condition lets through says nothing of what its opposite does. IS NOT TRUE also turns NULL round. */
function negate(filter: CompiledFilter): CompiledFilter {
  if (!filter.isExact) return EVERY_ROW;
  return exact({ text: `((${filter.text}) IS NOT TRUE)`, values: filter.values });
}

function compileComparison(
  { operator, value }: ComparisonCondition,
  key: FieldKey,
): CompiledFilter {
  switch (operator) {
    case '=':
      return equals(key, value);
    case '!=':
      return negate(equals(key, value));
    case 'contains':
      return contains(key, value);
    case 'ncontains':
      return EVERY_ROW;
    default:
      return ordering(key, operator, value);
  }
}

function equals(key: FieldKey, value: unknown): CompiledFilter {
  const rank = rankOf(value);
  if (isForeign(key, rank)) return NO_ROW;
  if (rank === Rank.Null) return exact(text(`${key.sql} IS NULL`));
  const operand = keyOperand(value);
  if (operand === null) return ofRank(key, rank);
  return exact(compare(key, '=', operand));
}

function ordering(
  key: FieldKey,
  operator: '<' | '>' | '<=' | '>=',
  value: unknown,
): CompiledFilter {
  const rank = rankOf(value);
  if (isForeign(key, rank)) return NO_ROW;
  if (rank === Rank.Null) return exact(text(operator.length === 2 ? `${key.sql} IS NULL` : '0'));
  if (!isOrdered(rank)) return exact(text('0'));
  const operand = keyOperand(value);
  if (operand === null) return ofRank(key, rank);
  return exact(join([compare(key, operator, operand), farBound(key, operator, rank)], ' AND '));
}

/** Keeps a range inside its rank: `> 5` must not run on into the strings. */
function farBound(key: FieldKey, operator: string, rank: Rank): Sql {
  const { from, to } = rankBounds(rank);
  if (operator.startsWith('>')) return text(to === null ? '1' : `${key.sql} < ${to}`);
  return text(from === null ? '1' : `${key.sql} >= ${from}`);
}

function isForeign(key: FieldKey, rank: Rank): boolean {
  return key.holds === 'integers' && rank === Rank.String;
}

function compare(key: FieldKey, operator: string, { sql, values }: KeyOperand): Sql {
  return { text: `${key.sql} ${operator} ${sql}`, values };
}

/** Every row whose field is of the rank. */
function ofRank(key: FieldKey, rank: Rank): CompiledFilter {
  const { from, to } = rankBounds(rank);
  const bounds = [
    ...(from === null ? [] : [text(`${key.sql} >= ${from}`)]),
    ...(to === null ? [] : [text(`${key.sql} < ${to}`)]),
  ];
  return { ...join(bounds, ' AND '), isExact: false };
}

function compileMembership(key: FieldKey, values: readonly unknown[]): CompiledFilter {
  const texts = values.filter(isBindableText);
  const others = values.filter((value) => !isBindableText(value));
  if (others.length > MAX_CONDITIONS) return EVERY_ROW;
  return combine([...oneOf(key, texts), ...others.map((value) => equals(key, value))], 'OR', '0');
}

function oneOf(key: FieldKey, texts: readonly string[]): CompiledFilter[] {
  if (texts.length === 0 || isForeign(key, Rank.String)) return [];
  if (texts.length > MAX_BOUND_LIST) {
    // One bound value instead of thousands, whatever SQLite's limit on their number
    const list = JSON.stringify(texts);
    return [exact(text(`${key.sql} IN (SELECT value FROM json_each(?))`, list))];
  }
  const marks = texts.map(() => '?').join(',');
  return [exact(text(`${key.sql} IN (${marks})`, ...texts))];
}

function contains(key: FieldKey, value: unknown): CompiledFilter {
  const arrays = ofRank(key, Rank.Array);
  if (typeof value !== 'string') return arrays;
  if (!isBindableText(value)) return EVERY_ROW;
  const texts = text(`(typeof(${key.sql}) = 'text' AND instr(${key.sql}, ?) > 0)`, value);
  return { ...join([texts, { ...arrays, text: `(${arrays.text})` }], ' OR '), isExact: false };
}

/** Only a glob's fixed beginning narrows anything in SQL: it is a range, which an index can serve. */
function compilePattern({ operator, pattern }: PatternCondition, key: FieldKey): CompiledFilter {
  const fixed = operator === 'match' ? fixedPrefix(pattern) : '';
  const prefix = isBindableText(fixed) ? fixed : '';
  const end = prefix === '' ? null : prefixEnd(prefix);
  const bounds = [
    text(`${key.sql} >= ?`, prefix),
    end === null ? text(`${key.sql} < x''`) : text(`${key.sql} < ?`, end),
  ];
  return { ...join(bounds, ' AND '), isExact: false };
}

/** SQLite's text is UTF-8, which has no half of a surrogate pair. */
function isBindableText(value: unknown): value is string {
  return typeof value === 'string' && keyOperand(value) !== null;
}

function exact(sql: Sql): CompiledFilter {
  return { ...sql, isExact: true };
}
