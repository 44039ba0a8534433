import { mapFields, mapItems, setField } from '../../../common/index.js';
import type { RowId, StoredRow } from '../../../sdk/datastore.js';
import type { Fields } from '../../driver.js';

/**
 * How a document lies in a row: JSON, where what JSON lacks is an object with one reserved key.
 *
 * | value | form | why |
 * | --- | --- | --- |
 * | date | `{"$date": "1" + milliseconds, 16 digits}`, `"0"` + complement before 1970 | text order is time order |
 * | bytes | `{"$binary": base64}` | |
 * | bigint | `{"$long": decimal}` | SQL casts it to a 64-bit integer |
 * | whole number past 2^53, within 64 bits | `{"$double": decimal}` | the shortest JSON text is another integer to SQLite |
 * | other number of more than 15 digits | `{"$double": [15 digits, rest]}` | SQLite reads 15 digits exactly, 17 it rounds wrongly at times; the sum is exact |
 * | a key that starts with `$` | one more `$` in front | |
 */
const EPOCH_SHIFT = 8.64e15; // the farthest a Date can be from 1970, in milliseconds
const DATE_DIGITS = 16;
const EXACT_DIGITS = 15;
const INT64 = 2 ** 63;

export function encodeFields(fields: Fields): string {
  return JSON.stringify(encode(fields));
}

/** The fields of a stored text as they were. */
export function decodeFields(json: string): Record<string, unknown> {
  const parsed = JSON.parse(json) as Record<string, unknown>;
  return hasTags(json) ? decodeRow(parsed) : parsed;
}

/** False for text in which nothing is to be decoded: most documents hold plain JSON only. */
export function hasTags(json: string): boolean {
  return json.includes('"$');
}

/** Turns a parsed object into what was stored, in place. */
export function decodeRow(parsed: Record<string, unknown>): Record<string, unknown> {
  for (const key in parsed) {
    const value = parsed[key];
    if (typeof value === 'object' && value !== null) setField(parsed, key, decodeContainer(value));
    if (key.startsWith('$')) renameField(parsed, key);
  }
  return parsed;
}

function renameField(parsed: Record<string, unknown>, key: string): void {
  setField(parsed, key.slice(1), parsed[key]);
  Reflect.deleteProperty(parsed, key);
}

export function toStoredRow(id: RowId, json: string): StoredRow {
  return { id, ...decodeFields(json) };
}

function encode(value: unknown): unknown {
  if (typeof value === 'number') return isShort(value) ? value : encodeLongNumber(value);
  if (typeof value === 'bigint') return { $long: value.toString() };
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return mapItems(value, encode);
  if (value instanceof Date) return { $date: encodeDate(value) };
  if (value instanceof Uint8Array) return { $binary: Buffer.from(value).toString('base64') };
  return encodeObject(value as Record<string, unknown>);
}

function encodeObject(fields: Record<string, unknown>): Record<string, unknown> {
  for (const key in fields) if (key.startsWith('$')) return renamed(fields);
  return mapFields(fields, encode);
}

function renamed(fields: Record<string, unknown>): Record<string, unknown> {
  const encoded: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(fields)) {
    setField(encoded, key.startsWith('$') ? `$${key}` : key, encode(item));
  }
  return encoded;
}

/** The text whose order is the order of dates. */
export function encodeDate(date: Date): string {
  const time = date.getTime();
  const digits = time < 0 ? time + EPOCH_SHIFT : time;
  return `${time < 0 ? '0' : '1'}${digits.toString().padStart(DATE_DIGITS, '0')}`;
}

function decodeDate(text: string): Date {
  const digits = Number(text.slice(1));
  return new Date(text.startsWith('0') ? digits - EPOCH_SHIFT : digits);
}

function isShort(value: number): boolean {
  if (Number.isInteger(value)) return Number.isSafeInteger(value);
  return Number(value.toPrecision(EXACT_DIGITS)) === value;
}

function encodeLongNumber(value: number): unknown {
  if (Number.isInteger(value) && Math.abs(value) < INT64)
    return { $double: BigInt(value).toString() };
  const head = Number(value.toPrecision(EXACT_DIGITS));
  const rest = value - head;
  // Beyond the range of doubles, or among the smallest, the two do not add up: kept as it is
  return head + rest === value ? { $double: [head, rest] } : value;
}

function decodeLongNumber(payload: string | readonly [number, number]): number {
  return typeof payload === 'string' ? Number(payload) : payload[0] + payload[1];
}

function decodeContainer(value: object): unknown {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (typeof item === 'object' && item !== null) value[index] = decodeContainer(item as object);
    }
    return value;
  }
  return (
    decodeTagged(value as Record<string, unknown>) ?? decodeRow(value as Record<string, unknown>)
  );
}

function decodeTagged(value: Record<string, unknown>): unknown {
  for (const key in value) {
    const payload = value[key];
    switch (key) {
      case '$date':
        return decodeDate(payload as string);
      case '$binary':
        return Buffer.from(payload as string, 'base64');
      case '$long':
        return BigInt(payload as string);
      case '$double':
        return decodeLongNumber(payload as string | [number, number]);
      default:
        return null; // a tag is the only key of its object
    }
  }
  return null;
}
