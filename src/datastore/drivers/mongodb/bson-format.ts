import { setField } from '../../../common/index.js';
import type { StoredRow } from '../../../sdk/datastore.js';
import type { Fields } from '../../driver.js';

/**
 * How a document lies in MongoDB: as BSON, its types being ours (a bigint is a 64-bit integer), with
 * the keys escaped that MongoDB reads as paths or operators: `%`, `.`, a leading `$`, the empty key,
 * and `_id` at the top, where the row's id lives.
 */
export type BsonFields = Record<string, unknown>;

/** A row as the driver returns it. */
export interface BsonRow {
  readonly _id: string | number;
  readonly [key: string]: unknown;
}

export function encodeFields(fields: Fields): BsonFields {
  const encoded = encodeObject(fields);
  if (Object.hasOwn(encoded, '_id')) {
    setField(encoded, '%5Fid', encoded['_id']);
    delete encoded['_id'];
  }
  return encoded;
}

export function decodeRow({ _id, ...fields }: BsonRow): StoredRow {
  return { id: _id, ...decodeObject(fields) };
}

/** The inverse of {@link encodeFields}. */
export function decodeFields(fields: BsonFields): Fields {
  return decodeObject(fields);
}

/** The dotted path under which MongoDB finds a field. */
export function encodePath(path: readonly string[]): string {
  if (path.length === 1 && path[0] === 'id') return '_id';
  const keys = path.map(encodeKey);
  return (path[0] === '_id' ? ['%5Fid', ...keys.slice(1)] : keys).join('.');
}

function encode(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date || value instanceof Uint8Array) return value;
  return Array.isArray(value) ? value.map(encode) : encodeObject(value as Fields);
}

function encodeObject(fields: Fields): BsonFields {
  const encoded: BsonFields = {};
  for (const [key, item] of Object.entries(fields)) setField(encoded, encodeKey(key), encode(item));
  return encoded;
}

function decode(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date || value instanceof Uint8Array) return value;
  return Array.isArray(value) ? value.map(decode) : decodeObject(value as BsonFields);
}

function decodeObject(fields: BsonFields): Record<string, unknown> {
  const decoded: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(fields)) setField(decoded, decodeKey(key), decode(item));
  return decoded;
}

function encodeKey(key: string): string {
  if (key === '') return '%';
  return key.replace(/[%.]|^\$/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decodeKey(key: string): string {
  if (!key.includes('%')) return key;
  if (key === '%') return '';
  return key.replace(/%([0-9A-F]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}
