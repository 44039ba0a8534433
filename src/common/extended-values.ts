import { fromBase64, toBase64 } from './base64.js';
import { isRealMoment } from './calendar.js';
import { Errno } from './errno.js';
import { RpcException } from './errors.js';
import { JsonText } from './json-text.js';
import { mapFields, mapItems } from './map-changed.js';
import { setField } from './set-field.js';
import { describeUnfit, isUnfit } from './unfit-value.js';

/**
 * Values that JSON lacks travel as an object with exactly one key: `$date`, `$binary`, `$password`,
 * `$long`. In code they are a Date, a Buffer (in a browser a Uint8Array), a {@link Password} and a
 * bigint.
 */

const HIDDEN = '<hidden>';
const QUOTES = 2;
/** What `util.inspect` looks for; spelled out, because a browser has no `node:util` to ask. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');
/** How deep arrays and objects may be nested in a value, on its way in and on its way out. */
export const MAX_VALUE_DEPTH = 1_000;
/** Also in the catalogue of errors, which clients in a page do not carry along. */
export const TOO_DEEP = 'Value is nested too deeply';
/** Date itself reads far more than ISO 8601, `1` included; years of six digits are what it writes past 9999. */
const DATE_TIME =
  /^(?:\d{4}|[+-]\d{6})-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * A secret on its way to the method that needs it. Every way of turning it into text gives
 * `<hidden>`; only {@link Password.reveal} gives the secret.
 */
export class Password {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  reveal(): string {
    return this.#secret;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [INSPECT](): string {
    return HIDDEN;
  }
}

/** Whether the value is a password, or there is one in it, however deep. */
export function holdsPassword(value: unknown): boolean {
  if (value instanceof Password) return true;
  if (!isContainer(value)) return false;
  if (Array.isArray(value)) return value.some(holdsPassword); // key by key costs several times that
  for (const key in value) if (holdsPassword(value[key])) return true;
  return false;
}

type Container = Record<string, unknown>;

const isContainer = (value: unknown): value is Container =>
  typeof value === 'object' && value !== null;

/** What a text is the extended value of, by the key before it; undefined when it is of none. */
const DECODERS = new Map<string, (payload: string) => unknown>([
  ['$date', decodeDate],
  ['$binary', (payload) => fromBase64(payload) ?? undefined],
  ['$password', (payload) => new Password(payload)],
  ['$long', (payload) => (/^-?\d{1,40}$/.test(payload) ? BigInt(payload) : undefined)],
]);

/**
 * Turns wire values into code values, in place where it can: the caller hands over a freshly
 * parsed JSON value and uses the returned one.
 *
 * @throws RpcException EINVAL when an extended value is malformed or the nesting has no end
 */
export function decodeExtended(value: unknown): unknown {
  return decode(value, 0, refuseUnfit);
}

/**
 * As {@link decodeExtended}, for who is answered: a schema has properties that are called as extended values
 * are, and a row may have such a key. What is no extended value after all stays the object that it is.
 *
 * @throws RpcException EINVAL when the nesting has no end
 */
export function readExtended(value: unknown): unknown {
  return decode(value, 0);
}

const EXPECTED: Readonly<Record<string, string>> = {
  $date: 'an ISO 8601 date-time',
  $binary: 'a base64 string',
  $password: 'a string',
  $long: 'a string of decimal digits',
};

/** @throws RpcException EINVAL */
function refuseUnfit(key: string): never {
  const message = `Invalid ${key} value: expected ${EXPECTED[key] ?? ''}`;
  throw new RpcException(Errno.EINVAL, message);
}

/** @param onUnfit - told of a key of extended values before something that is none */
function decode(value: unknown, depth: number, onUnfit?: (key: string) => void): unknown {
  if (!isContainer(value)) return value;
  if (depth > MAX_VALUE_DEPTH) throw new RpcException(Errno.EINVAL, TOO_DEEP);
  const keys = Object.keys(value);
  const [only] = keys;
  if (keys.length === 1 && only !== undefined && !Array.isArray(value)) {
    const decoder = DECODERS.get(only);
    if (decoder !== undefined) {
      const payload = value[only];
      const decoded = typeof payload === 'string' ? decoder(payload) : undefined;
      if (decoded !== undefined) return decoded;
      onUnfit?.(only);
    }
  }
  for (const key of keys) {
    const before = value[key];
    const after = decode(before, depth + 1, onUnfit);
    if (after !== before) setField(value, key, after);
  }
  return value;
}

function decodeDate(payload: string): Date | undefined {
  if (!DATE_TIME.test(payload) || !isRealMoment(payload)) return undefined;
  const date = new Date(payload);
  return isUnfit(date) ? undefined : date;
}

/**
 * Turns code values into wire values; returns the very same object when nothing in it needs it.
 *
 * @throws RangeError when the nesting has no end, or for a number or date that JSON would make null,
 *   naming its place
 */
export function encodeExtended(value: unknown): unknown {
  try {
    return encode(value, 0);
  } catch (error) {
    if (!(error instanceof UnfitValue)) throw error;
    throw new RangeError(describeUnfit(value) ?? error.message, { cause: error });
  }
}

/** Thrown from within, where nobody knows the way that led there. */
class UnfitValue extends RangeError {}

/**
 * The JSON text of a value on the wire; `undefined` becomes `null`.
 *
 * @throws RangeError or TypeError when the value has no end or no JSON form
 */
export function stringifyExtended(value: unknown): string {
  if (value instanceof JsonText) return value.text;
  // JSON.stringify(undefined) is undefined, whatever its declaration says
  return JSON.stringify(encodeExtended(value) ?? null);
}

/**
 * As {@link stringifyExtended}, for a text that may have so many bytes in UTF-8 and no more. A value
 * that is too large is given up as soon as that shows, before there is any text of it: an answer that
 * refers to the same megabyte a thousand times is small until it is written.
 *
 * @throws whatever `tooLarge` makes; RangeError or TypeError as {@link stringifyExtended}
 */
export function stringifyWithin(value: unknown, limit: number, tooLarge: () => Error): string {
  const text = value instanceof JsonText ? value.text : measured(value, limit, tooLarge);
  // three bytes are the most that a unit of UTF-16 takes
  if (text.length * 3 > limit && utf8Bytes(text, limit) > limit) throw tooLarge();
  return text;
}

function measured(value: unknown, limit: number, tooLarge: () => Error): string {
  const around = room;
  room = { left: limit, tooLarge };
  try {
    return stringifyExtended(value);
  } finally {
    room = around;
  }
}

/**
 * How many characters the text of a value has at least, without making it; Infinity past a limit. For
 * what has no JSON form it is as good as any: that shows when it is written.
 */
export function leastLength(value: unknown, limit: number): number {
  const around = room;
  const counter = { left: limit, tooLarge: () => TOO_LONG };
  room = counter;
  try {
    encode(value, 0);
    return limit - counter.left;
  } catch (error) {
    return error === TOO_LONG ? Number.POSITIVE_INFINITY : 0;
  } finally {
    room = around;
  }
}

const TOO_LONG = new RangeError('Value is too long');

function utf8Bytes(text: string, limit: number): number {
  return text.length > limit ? text.length : new TextEncoder().encode(text).length;
}

/**
 * What the text that is being made may still have, null without a bound. Not handed down: it would be
 * one more argument for each value of each answer. A value's `toJSON` may make another text meanwhile.
 */
let room: { left: number; readonly tooLarge: () => Error } | null = null;

/** Characters of the text: never more than there will be. */
function take(characters: number): void {
  if (room === null) return;
  room.left -= characters;
  if (room.left < 0) throw room.tooLarge();
}

/**
 * The value as it is at the other end of the wire: it shares nothing with the one here, has nothing
 * in it that is no data, and shows no password. What is plain data already is copied without the
 * detour through text.
 *
 * @throws RangeError or TypeError when the value has no end or no JSON form
 */
export function wireCopy(value: unknown): unknown {
  const copy = plainCopy(value, 0);
  return copy === undefined ? decodeExtended(JSON.parse(stringifyExtended(value))) : copy;
}

/** Undefined when there is anything in it that would not come out as it went in. */
function plainCopy(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : undefined;
    case 'object':
      if (value === null) return null;
      if (depth > MAX_VALUE_DEPTH || 'toJSON' in value) return undefined;
      return Array.isArray(value)
        ? plainItems(value, depth)
        : plainFields(value as Container, depth);
    default:
      return undefined;
  }
}

function plainItems(items: readonly unknown[], depth: number): unknown[] | undefined {
  const copies = [...items]; // an array that grows is given room for 17
  for (let i = 0; i < copies.length; i += 1) {
    const copy = plainCopy(copies[i], depth + 1);
    if (copy === undefined) return undefined;
    copies[i] = copy;
  }
  return copies;
}

function plainFields(fields: Container, depth: number): Container | undefined {
  if (Object.getPrototypeOf(fields) !== Object.prototype) return undefined;
  const copies: Container = {};
  for (const key of Object.keys(fields)) {
    const copy = plainCopy(fields[key], depth + 1);
    if (copy === undefined || key.startsWith('$')) return undefined;
    setField(copies, key, copy);
  }
  return copies;
}

/**
 * As {@link stringifyExtended}, but passwords readable: for the one receiver that a secret is meant
 * for, a service in another process. Never for a log, an event, an answer or a store.
 *
 * @throws RangeError or TypeError when the value has no end or no JSON form
 */
export function stringifyWithSecrets(value: unknown): string {
  return stringifyExtended(withSecrets(value, 0));
}

/**
 * As {@link stringifyWithSecrets}, but the value that JSON text can be made of instead of the text.
 *
 * @throws RangeError when the nesting has no end; whatever a getter or `toJSON` of the value throws
 */
export function encodeWithSecrets(value: unknown): unknown {
  return encodeExtended(withSecrets(value, 0));
}

function withSecrets(value: unknown, depth: number): unknown {
  if (value instanceof Password) return { $password: value.reveal() };
  if (!isContainer(value) || isExtended(value)) return value;
  if (depth > MAX_VALUE_DEPTH) throw new RangeError('Value is nested too deeply to be sent');
  if (Array.isArray(value)) return value.map((item) => withSecrets(item, depth + 1));
  if (typeof value['toJSON'] === 'function') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withSecrets(item, depth + 1)]),
  );
}

function isExtended(value: object): boolean {
  return (
    value instanceof Date ||
    value instanceof Uint8Array ||
    value instanceof Set ||
    value instanceof Map
  );
}

function encode(value: unknown, depth: number): unknown {
  if (typeof value === 'string') {
    take(value.length + QUOTES);
    return value;
  }
  take(1);
  if (typeof value === 'number') return Number.isFinite(value) ? value : refuse(value);
  if (typeof value === 'bigint') return { $long: value.toString() };
  if (!isContainer(value)) return value;
  // no error for a caller: the value is the server's own
  if (depth > MAX_VALUE_DEPTH) throw new RangeError('Value is nested too deeply to be sent');
  if (value instanceof Date) return isUnfit(value) ? refuse(value) : { $date: value.toISOString() };
  if (value instanceof Uint8Array) return encodeBinary(value);
  if (value instanceof Set) return encodeItems([...value], depth + 1);
  if (value instanceof Map) return encodeFields(Object.fromEntries(value) as Container, depth + 1);
  if (Array.isArray(value)) return encodeItems(value, depth + 1);
  if (typeof value['toJSON'] === 'function') return ownForm(value as { toJSON(): unknown });
  return encodeFields(value, depth + 1);
}

function encodeBinary(value: Uint8Array): unknown {
  take((value.length * 4) / 3);
  return { $binary: toBase64(value) };
}

function encodeItems(items: readonly unknown[], depth: number): readonly unknown[] {
  take(items.length); // the commas, for a list of nothing is long, too
  return mapItems(items, encode, depth);
}

function encodeFields(fields: Container, depth: number): Container {
  if (room !== null) for (const key in fields) take(key.length + QUOTES + 2);
  return mapFields(fields, encode, depth);
}

/** What it makes of itself is text as it stands, apart from what would be lost. */
function ownForm(value: { toJSON(): unknown }): unknown {
  const form = value.toJSON();
  return describeUnfit(form) === null ? form : refuse(form);
}

function refuse(value: unknown): never {
  throw new UnfitValue(`${typeof value} without a JSON form`);
}
