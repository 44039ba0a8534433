import { isScalar, specialText } from './cells.js';

interface CsvOptions {
  readonly shown?: (text: string) => string;
  readonly names?: readonly string[] | null;
}

/** The names that rows have, in their order. */
export function csvNames(rows: readonly unknown[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(recordOf(row))))];
}

/**
 * RFC 4180, with a line of names. Nested values as JSON; texts that look like formulas as they are. `shown`
 * is what becomes of a field on its way to a terminal. `names` are those of a line that stands above already.
 */
export function renderCsv(
  rows: readonly unknown[],
  { shown = (text) => text, names: above = null }: CsvOptions = {},
): string {
  if (rows.length === 0) return ''; // nobody knows the names
  const records = rows.map(recordOf);
  const names = above ?? csvNames(rows);
  const lines = [
    ...(above === null ? [names] : []),
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
