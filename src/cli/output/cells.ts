import { printable } from './printable.js';

const RECORD_DEPTH = 1;

/** A value as it stands in a cell, on one line: `{"$date"}` as the time, nothing for null. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return printable(value);
  if (typeof value !== 'object') return JSON.stringify(value);
  const special = specialText(value);
  if (special !== null) return printable(special);
  if (Array.isArray(value) && value.every(isScalar)) {
    return value.map((item) => cellText(item)).join(', ');
  }
  return printable(JSON.stringify(value));
}

/** A value with a form of its own on the wire, as people write it; null for all others. */
export function specialText(value: object): string | null {
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length !== RECORD_DEPTH || only === undefined) return null;
  const [key, payload] = only as [string, unknown];
  if (key === '$password') return '<hidden>';
  if (typeof payload !== 'string') return null;
  if (key === '$date' || key === '$long') return payload;
  return key === '$binary' ? `<${Buffer.from(payload, 'base64').length} bytes>` : null;
}

/** What goes to the right edge of its column. */
export function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint' || isLong(value);
}

function isLong(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).join() === '$long';
}

export function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null || specialText(value) !== null;
}
