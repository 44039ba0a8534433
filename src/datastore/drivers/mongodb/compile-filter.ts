import { assertNever } from '../../../common/index.js';
import {
  type ComparisonCondition,
  type Condition,
  type FieldPath,
  type GroupCondition,
  isIndex,
  isOrdered,
  type PatternCondition,
  Rank,
  rankOf,
} from '../../../common/query/index.js';
import { fixedPrefix, prefixEnd } from '../../prefix-range.js';
import { encodePath } from './bson-format.js';

type Query = Readonly<Record<string, unknown>>;

/**
 * A filter in MongoDB's language. It lets through every row that passes; `isExact` says that it lets
 * through no other, else its rows are to be asked again with the predicate.
 *
 * MongoDB looks into arrays where our language does not: `{a: 1}` also finds `{a: [1]}` and `'a.b'`
 * reaches into the elements of `a`. So every condition excludes rows with an array on the way, but
 * for fields that cannot hold one because they are indexed.
 */
export interface CompiledFilter {
  readonly query: Query;
  readonly isExact: boolean;
}

/** The dotted names of fields that hold scalars only, `id` among them. */
export type ScalarFields = ReadonlySet<string>;

const EVERY_ROW: CompiledFilter = { query: {}, isExact: false };
const NO_ROW: CompiledFilter = { query: { _id: { $in: [] } }, isExact: true };
const IS_ARRAY = { $type: 'array' };
const INT64 = 2n ** 63n;
const LONE_SURROGATE = /\p{Surrogate}/u;

const TYPE_NAMES = new Map<Rank, string>([
  [Rank.Number, 'number'],
  [Rank.String, 'string'],
  [Rank.Object, 'object'],
  [Rank.Array, 'array'],
  [Rank.Binary, 'binData'],
  [Rank.Boolean, 'bool'],
  [Rank.Date, 'date'],
]);

const ORDERINGS = { '<': '$lt', '>': '$gt', '<=': '$lte', '>=': '$gte' } as const;

/** A field as MongoDB knows it, and the paths that must not be arrays. */
interface Field {
  readonly name: string;
  readonly parents: readonly string[];
  readonly isScalar: boolean;
}

export function compileFilter(condition: Condition, scalars: ScalarFields): CompiledFilter {
  if (condition.kind === 'group') return compileGroup(condition, scalars);
  const field = toField(condition.path, scalars);
  if (field === null) return EVERY_ROW;
  switch (condition.kind) {
    case 'comparison':
      return compileComparison(condition, field);
    case 'membership': {
      const found = compileMembership(field, condition.values);
      return condition.operator === 'in' ? found : negate(found);
    }
    case 'pattern':
      return compilePattern(condition, field);
    default:
      return assertNever(condition);
  }
}

function compileGroup(
  { operator, conditions }: GroupCondition,
  scalars: ScalarFields,
): CompiledFilter {
  const parts = conditions.map((condition) => compileFilter(condition, scalars));
  switch (operator) {
    case 'and':
      return allOf(parts);
    case 'or':
      return anyOf(parts);
    case 'nor':
      return negate(anyOf(parts));
    default:
      return assertNever(operator);
  }
}

/** Null for a path with an index: MongoDB would also look for a key of that name in elements. */
function toField(path: FieldPath, scalars: ScalarFields): Field | null {
  if (path.some(isIndex) || (path[0] === 'id' && path.length > 1)) return null;
  return {
    name: encodePath(path),
    parents: path.slice(1).map((_, index) => encodePath(path.slice(0, index + 1))),
    isScalar: scalars.has(path.join('.')),
  };
}

function compileComparison({ operator, value }: ComparisonCondition, field: Field): CompiledFilter {
  switch (operator) {
    case '=':
      return equals(field, value);
    case '!=':
      return negate(equals(field, value));
    case 'contains':
      return inexact({
        [field.name]: { $type: rankOf(value) === Rank.String ? ['string', 'array'] : 'array' },
      });
    case 'ncontains':
      return EVERY_ROW;
    default:
      return ordering(field, operator, value);
  }
}

function equals(field: Field, value: unknown): CompiledFilter {
  const rank = rankOf(value);
  if (rank === Rank.Null) return isNull(field);
  return isComparable(value) ? guarded(field, { $eq: value }) : ofRank(field, rank);
}

/** Below an array that is no index there is nothing, which is null. */
function isNull(field: Field): CompiledFilter {
  const itself = guarded(field, { $eq: null });
  if (field.isScalar || field.parents.length === 0) return itself;
  const parents = field.parents.map((parent) => ({ [parent]: IS_ARRAY }));
  return { query: { $or: [itself.query, ...parents] }, isExact: true };
}

function ordering(field: Field, operator: keyof typeof ORDERINGS, value: unknown): CompiledFilter {
  const rank = rankOf(value);
  if (rank === Rank.Null) return operator.length === 2 ? isNull(field) : NO_ROW;
  if (!isOrdered(rank)) return NO_ROW;
  if (!isComparable(value)) return ofRank(field, rank);
  return guarded(field, { [ORDERINGS[operator]]: value });
}

function compileMembership(field: Field, values: readonly unknown[]): CompiledFilter {
  const plain = values.filter((value) => rankOf(value) !== Rank.Null && isComparable(value));
  const others = values.filter((value) => rankOf(value) === Rank.Null || !isComparable(value));
  const list = plain.length === 0 ? [] : [guarded(field, { $in: plain })];
  return anyOf([...list, ...others.map((value) => equals(field, value))]);
}

function compilePattern({ operator, pattern }: PatternCondition, field: Field): CompiledFilter {
  const prefix = operator === 'match' ? fixedPrefix(pattern) : '';
  const end = prefixEnd(prefix);
  if (prefix === '' || LONE_SURROGATE.test(prefix)) return ofRank(field, Rank.String);
  return inexact({ [field.name]: { $gte: prefix, ...(end === null ? {} : { $lt: end }) } });
}

/** A comparison that no array on the way can satisfy. */
function guarded({ name, parents, isScalar }: Field, comparison: Query): CompiledFilter {
  const itself = { [name]: comparison };
  if (isScalar) return { query: itself, isExact: true };
  const guards = [...parents, name].map((path) => ({ [path]: { $not: IS_ARRAY } }));
  return { query: { $and: [itself, ...guards] }, isExact: true };
}

function ofRank({ name }: Field, rank: Rank): CompiledFilter {
  return inexact({ [name]: { $type: TYPE_NAMES.get(rank) } });
}

function allOf(parts: readonly CompiledFilter[]): CompiledFilter {
  const queries = parts.map(({ query }) => query).filter((query) => Object.keys(query).length > 0);
  const [only] = queries;
  const isExact = parts.every((part) => part.isExact);
  if (only === undefined) return { query: {}, isExact };
  return { query: queries.length === 1 ? only : { $and: queries }, isExact };
}

function anyOf(parts: readonly CompiledFilter[]): CompiledFilter {
  if (parts.length === 0) return NO_ROW;
  return {
    query: { $or: parts.map(({ query }) => query) },
    isExact: parts.every((part) => part.isExact),
  };
}

function negate(filter: CompiledFilter): CompiledFilter {
  return filter.isExact ? { query: { $nor: [filter.query] }, isExact: true } : EVERY_ROW;
}

function inexact(query: Query): CompiledFilter {
  return { query, isExact: false };
}

/** Whether BSON can hold the value as it is and compares it as we do. */
function isComparable(value: unknown): boolean {
  switch (rankOf(value)) {
    case Rank.String:
      return !LONE_SURROGATE.test(value as string);
    case Rank.Number:
      return typeof value === 'bigint' ? value >= -INT64 && value < INT64 : !Number.isNaN(value);
    case Rank.Date:
      return !Number.isNaN((value as Date).getTime());
    case Rank.Boolean:
      return true;
    default:
      return false; // objects and arrays, which MongoDB compares key order included, and bytes
  }
}
