import { Errno, setField } from '../../common/index.js';
import { type CollectionInfo, DatastoreException } from '../../sdk/datastore.js';
import { isSealedForm, SEALED, SealedPassword } from '../sealing/sealed-password.js';

/**
 * A dump is JSON lines: a header; for each collection its definition and then its rows; the
 * counters; and the number of rows, whose absence tells that the rest is missing.
 *
 * What JSON lacks is an object with one key: `$date` (ISO 8601), `$binary` (base64), `$long`. A key
 * of a document that starts with `$` gets one more, so that nothing is taken for what it is not. A
 * password is there as it is in the store, sealed: to read it the key of the server is needed, too.
 */
export type DumpLine =
  | { readonly dump: 'dispatcher-datastore'; readonly version: 1 }
  | { readonly collection: CollectionInfo; readonly lastSerial: number | null }
  | { readonly row: Readonly<Record<string, unknown>> }
  | { readonly counters: Readonly<Record<string, number>> }
  | { readonly end: { readonly rows: number } };

export const HEADER: DumpLine = { dump: 'dispatcher-datastore', version: 1 };

export function formatLine(line: DumpLine): string {
  return `${JSON.stringify(encode(line))}\n`;
}

/** @throws DatastoreException EBADMSG naming the line */
export function parseLine(text: string, number: number): DumpLine {
  try {
    return decode(JSON.parse(text)) as DumpLine;
  } catch (cause) {
    throw badDump(`line ${number} is not valid`, cause);
  }
}

export function badDump(reason: string, cause?: unknown): DatastoreException {
  const message = `The dump cannot be restored: ${reason}`;
  return new DatastoreException(Errno.EBADMSG, message, undefined, { cause });
}

function encode(value: unknown): unknown {
  if (typeof value === 'bigint') return { $long: value.toString() };
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(encode);
  if (value instanceof Date) return { $date: value.toISOString() };
  if (value instanceof Uint8Array) return { $binary: Buffer.from(value).toString('base64') };
  if (value instanceof SealedPassword) return value.formIn(null);
  const encoded: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    setField(encoded, key.startsWith('$') ? `$${key}` : key, encode(item));
  }
  return encoded;
}

function decode(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(decode);
  if (isSealedForm(value)) return new SealedPassword(value[SEALED], null);
  const [[tag, payload] = [], ...others] = Object.entries(value) as [string, string][];
  if (others.length === 0 && typeof payload === 'string') {
    if (tag === '$date') return new Date(payload);
    if (tag === '$binary') return Buffer.from(payload, 'base64');
    if (tag === '$long') return BigInt(payload);
  }
  const decoded: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    setField(decoded, key.startsWith('$$') ? key.slice(1) : key, decode(item));
  }
  return decoded;
}
