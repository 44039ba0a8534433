import { isSchema } from '../../values/index.js';
import { jsonText, printable } from '../../output/index.js';

/** Rows as a table of Markdown: bars and line breaks in cells do not end them. */
export function markdownTable(value: unknown): string {
  const rows = (Array.isArray(value) ? value : [value]) as readonly unknown[];
  const records = rows.map((row) => (isSchema(row) ? row : { value: row }));
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  if (names.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return [
    line(names.map(cell)),
    line(names.map(() => '---')),
    ...records.map((record) =>
      line(names.map((name) => cell(Object.hasOwn(record, name) ? record[name] : null))),
    ),
  ].join('');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : jsonText(value);
  return printable(text.replaceAll('\n', ' ')).replaceAll('|', String.raw`\|`);
}
