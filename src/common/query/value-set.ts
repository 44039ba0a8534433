import { equalValues, keyCountOf, Rank, rankOf } from './value-order.js';

/** How much of a value is looked at before it is compared with others that look the same. */
const MAX_MEMBERS = 16;
const MAX_TEXT = 64;

/**
 * A set of values in which a value is found as `equalValues` says, without holding it against each.
 * Scalars are found by themselves; of the others those that look alike lie together.
 */
export class ValueSet {
  readonly #scalars = new Set<unknown>();
  readonly #others = new Map<string, unknown[]>();

  constructor(values: readonly unknown[]) {
    for (const value of values) {
      if (isScalar(value)) this.#scalars.add(identityOf(value));
      else this.#addOther(value);
    }
  }

  has(value: unknown): boolean {
    if (isScalar(value)) return this.#scalars.has(identityOf(value));
    if (this.#others.size === 0) return false;
    const alike = this.#others.get(looksOf(value));
    return alike !== undefined && alike.some((other) => equalValues(value, other));
  }

  #addOther(value: unknown): void {
    const looks = looksOf(value);
    const alike = this.#others.get(looks);
    if (alike === undefined) this.#others.set(looks, [value]);
    else alike.push(value);
  }
}

const SCALARS: ReadonlySet<Rank> = new Set([Rank.Null, Rank.Number, Rank.String, Rank.Boolean]);

function isScalar(value: unknown): boolean {
  return SCALARS.has(rankOf(value));
}

function identityOf(value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      // numbers and bigints are equal by value
      return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    case 'string':
    case 'boolean':
      return value;
    default:
      return null; // undefined, and what JSON cannot hold
  }
}

/** The same for values that are equal, and seldom for others; short, however large the value. */
function looksOf(value: unknown): string {
  const rank = rankOf(value);
  switch (rank) {
    case Rank.Date:
      return `date ${(value as Date).getTime()}`;
    case Rank.Binary:
      return `bytes ${(value as Uint8Array).length}`;
    case Rank.Array: {
      const items = value as readonly unknown[];
      return `array ${items.length} ${items.slice(0, MAX_MEMBERS).map(glanceAt).join()}`;
    }
    default: {
      const count = keyCountOf(value as object);
      return `object ${count} ${count > MAX_MEMBERS ? '' : fieldsOf(value as object)}`;
    }
  }
}

function fieldsOf(value: object): string {
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => `${key.slice(0, MAX_TEXT)}:${glanceAt(item)}`)
    .sort()
    .join();
}

function glanceAt(value: unknown): string {
  if (!isScalar(value)) return `#${rankOf(value)}`;
  return typeof value === 'string' ? `'${value.slice(0, MAX_TEXT)}` : String(identityOf(value));
}
