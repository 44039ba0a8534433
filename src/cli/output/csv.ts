import { isScalar, specialText } from './cells.js';

/**
 * RFC 4180, with a line of names. Nested values as JSON; texts that look like formulas as they are. `shown`
 * is what becomes of a field on its way to a terminal.
 */
export function renderCsv(
  rows: readonly unknown[],
  shown: (text: string) => string = (text) => text,
): string {
  if (rows.length === 0) return ''; // nobody knows the names
  const records = rows.map(recordOf);
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const lines = [
    names,
    ...records.map((record) => names.map((name) => fieldText(ownValue(record, name)))),
  ];
  return lines
    .map((fields) => `${fields.map((field) => quoted(shown(field))).join(',')}\r\n`)
    .join('');
}

/** What a row has itself: every object has a `valueOf`. */
const ownValue = (record: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(record, name) ? record[name] : undefined;

function recordOf(row: unknown): Readonly<Record<string, unknown>> {
  return typeof row === 'object' && row !== null && !Array.isArray(row) && !isScalar(row)
    ? (row as Readonly<Record<string, unknown>>)
    : { value: row };
}

function fieldText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && isScalar(value)) {
    const key = Object.keys(value)[0];
    if (key === '$date' || key === '$long' || key === '$password') return specialText(value) ?? '';
  }
  return JSON.stringify(value);
}

const quoted = (field: string): string =>
  /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
