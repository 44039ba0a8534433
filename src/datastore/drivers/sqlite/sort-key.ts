import { type FieldPath, isIndex, Rank, rankOf } from '../../../common/query/index.js';
import type { SqlValue } from './engine.js';
import { literal } from './sql-text.js';
import { encodeDate } from './storage-format.js';

/**
 * The one SQL expression behind filters, sorts, indexes and unique keys: a field's value in a form
 * whose SQLite order is the order of common/query. SQLite sorts NULL, numbers, text, blobs; so what
 * ranks after strings becomes a blob that starts with its rank, and null, numbers and strings stay
 * themselves.
 */
const OBJECT = `x'3${Rank.Object}'`;
const ARRAY = `x'3${Rank.Array}'`;
const BINARY = `x'3${Rank.Binary}'`;
const FALSE = `x'3${Rank.Boolean}30'`;
const TRUE = `x'3${Rank.Boolean}31'`;

const LONE_SURROGATE = /\p{Surrogate}/u;
const AWKWARD_KEY = /["\\\p{Cc}\p{Surrogate}]/u;

/**
 * The expression for a field; null where SQL cannot reach it: an array index (a key of the same
 * name is something else) or a key that cannot be quoted in a JSON path.
 */
export function sortKey(path: FieldPath): string | null {
  if (path.some((segment) => isIndex(segment) || AWKWARD_KEY.test(segment))) return null;
  // A tag of the storage format is no key of the document
  const keys = path.map((segment) => (segment.startsWith('$') ? `$${segment}` : segment));
  const place = `$${keys.map((key) => `."${key}"`).join('')}`;
  return `CASE json_type(doc,${literal(place)})
WHEN 'object' THEN CASE
WHEN json_type(doc,${literal(`${place}."$date"`)})='text' THEN CAST('${Rank.Date}'||json_extract(doc,${literal(`${place}."$date"`)}) AS BLOB)
WHEN json_type(doc,${literal(`${place}."$long"`)})='text' THEN CAST(json_extract(doc,${literal(`${place}."$long"`)}) AS INTEGER)
WHEN json_type(doc,${literal(`${place}."$double"`)})='text' THEN CAST(json_extract(doc,${literal(`${place}."$double"`)}) AS INTEGER)
WHEN json_type(doc,${literal(`${place}."$double"`)})='array' THEN json_extract(doc,${literal(`${place}."$double"[0]`)})+json_extract(doc,${literal(`${place}."$double"[1]`)})
WHEN json_type(doc,${literal(`${place}."$binary"`)})='text' THEN ${BINARY}
ELSE ${OBJECT} END
WHEN 'array' THEN ${ARRAY}
WHEN 'true' THEN ${TRUE}
WHEN 'false' THEN ${FALSE}
ELSE json_extract(doc,${literal(place)}) END`;
}

/** A value as it appears in a sort key: SQL, and what to bind to it. Null for null. */
export interface KeyOperand {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

const INT64 = 2n ** 63n;
const EXACT_FROM = 1e-20;
const EXACT_TO = 1e20;

/** The operand to compare a sort key with; null when SQL would not compare it exactly. */
export function keyOperand(value: unknown): KeyOperand | null {
  switch (rankOf(value)) {
    case Rank.String:
      return LONE_SURROGATE.test(value as string) ? null : { sql: '?', values: [value as string] };
    case Rank.Number:
      return isExact(value as number | bigint)
        ? { sql: '?', values: [value as number | bigint] }
        : null;
    case Rank.Boolean:
      return { sql: value === true ? TRUE : FALSE, values: [] };
    case Rank.Date:
      return Number.isNaN((value as Date).getTime())
        ? null
        : { sql: 'CAST(? AS BLOB)', values: [`${Rank.Date}${encodeDate(value as Date)}`] };
    default:
      return null;
  }
}

/** The keys that a value of this rank can have lie from `from` up to but without `to`. */
export function rankBounds(rank: Rank): {
  readonly from: string | null;
  readonly to: string | null;
} {
  switch (rank) {
    case Rank.Number:
      return { from: null, to: "''" };
    case Rank.String:
      return { from: "''", to: "x''" };
    default:
      return { from: `x'3${rank}'`, to: `x'3${rank + 1}'` };
  }
}

// SQLite converts very large and very small decimals to doubles with an error in the last place
function isExact(value: number | bigint): boolean {
  if (typeof value === 'bigint') return value >= -INT64 && value < INT64;
  const size = Math.abs(value);
  return size === 0 || (size > EXACT_FROM && size < EXACT_TO);
}
