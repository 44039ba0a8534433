/**
 * What "equal" and "less" mean for every pair of values. There is one order over all types, that of
 * the ranks below; it is BSON's, so that a MongoDB index can serve it, and SQL can compute it.
 *
 * Missing and null are the same value. Binary data, objects and arrays can be equal but not less or
 * greater: they tie when sorted. Strings compare by code point, numbers and bigints by value.
 */
export const Rank = {
  Null: 0,
  Number: 1,
  String: 2,
  Object: 3,
  Array: 4,
  Binary: 5,
  Boolean: 6,
  Date: 7,
} as const;

export type Rank = (typeof Rank)[keyof typeof Rank];

export function rankOf(value: unknown): Rank {
  switch (typeof value) {
    case 'string':
      return Rank.String;
    case 'number':
    case 'bigint':
      return Rank.Number;
    case 'boolean':
      return Rank.Boolean;
    case 'object':
      return value === null ? Rank.Null : rankOfObject(value);
    default:
      return Rank.Null; // undefined, and what JSON cannot hold
  }
}

function rankOfObject(value: object): Rank {
  if (Array.isArray(value)) return Rank.Array;
  if (value instanceof Date) return Rank.Date;
  return value instanceof Uint8Array ? Rank.Binary : Rank.Object;
}

/** True when `<` and `>` may hold between values of this rank. */
export function isOrdered(rank: Rank): boolean {
  return (
    rank === Rank.Number || rank === Rank.String || rank === Rank.Boolean || rank === Rank.Date
  );
}

/** Where `a` sorts relative to `b`: negative before, 0 together, positive after. */
export function compareValues(a: unknown, b: unknown): number {
  const rank = rankOf(a);
  return rank - rankOf(b) || compareWithin(rank, a, b);
}

/** {@link compareValues} for two values known to be of one rank. */
export function compareWithin(rank: Rank, a: unknown, b: unknown): number {
  switch (rank) {
    case Rank.String:
      return compareStrings(a as string, b as string);
    case Rank.Number:
      return compareNumbers(a as number, b as number);
    case Rank.Boolean:
      return Number(a) - Number(b);
    case Rank.Date:
      return compareNumbers((a as Date).getTime(), (b as Date).getTime());
    default:
      return 0;
  }
}

// NaN stands before all numbers and equals itself: an order needs a place for it.
function compareNumbers(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

/** By code point, as UTF-8 bytes compare; JavaScript's `<` puts U+E000 after an emoji. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codePointWeight(x) - codePointWeight(y);
  }
  return a.length - b.length;
}

// Surrogates stand for code points above U+FFFF, so their units go after U+E000 to U+FFFF.
function codePointWeight(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/**
 * Equality of `=`, `in` and `contains`: by value, objects whatever the order of their keys.
 *
 * @param b - the value that is looked for, which stays as it is
 */
export function equalValues(a: unknown, b: unknown): boolean {
  const rank = rankOf(a);
  if (rank !== rankOf(b)) return false;
  switch (rank) {
    case Rank.Array:
      return equalArrays(a as readonly unknown[], b as readonly unknown[]);
    case Rank.Object:
      return equalObjects(a as object, b as object);
    case Rank.Binary:
      return Buffer.compare(a as Uint8Array, b as Uint8Array) === 0;
    default:
      return compareWithin(rank, a, b) === 0;
  }
}

function equalArrays(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => equalValues(item, b[index]));
}

// A key that holds undefined is not there: JSON would drop it. One that holds null is.
function equalObjects(a: object, b: object): boolean {
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  if (keyCountOf(left) !== constantCountOf(right)) return false;
  for (const key in left) {
    if (left[key] === undefined || !Object.hasOwn(left, key)) continue;
    if (!Object.hasOwn(right, key) || right[key] === undefined) return false;
    if (!equalValues(left[key], right[key])) return false;
  }
  return true;
}

/** Of the value that is looked for: listing the keys of a large object again for each row takes seconds. */
const constantCounts = new WeakMap<object, number>();

function constantCountOf(value: object): number {
  let count = constantCounts.get(value);
  if (count === undefined) {
    count = keyCountOf(value);
    constantCounts.set(value, count);
  }
  return count;
}

/** How many keys hold something. */
export function keyCountOf(value: object): number {
  let count = 0;
  for (const key of Object.keys(value)) {
    if ((value as Readonly<Record<string, unknown>>)[key] !== undefined) count += 1;
  }
  return count;
}
