import { cellText, isScalar, specialText } from './cells.js';
import { printableJson, printableLines } from './printable.js';
import { selectFields } from './select.js';

export type Format = 'json' | 'yaml' | 'csv' | 'ndjson' | 'table' | 'text';

export interface RenderOptions {
  readonly format: Format;
  readonly select?: readonly string[] | null;
  /** Of the terminal; null where there is no edge. */
  readonly width?: number | null;
  /** Columns of a table where nobody selected any. */
  readonly columns?: readonly string[] | null;
  /** Of a line of CSV that stands above already; null: it is written. */
  readonly names?: readonly string[] | null;
  /** Whether cells of a table that are too long go on below. */
  readonly isWrapped?: boolean;
}

/**
 * An answer as text. `text`: a bare scalar as itself, everything else as JSON. Nothing in it acts on a
 * terminal; secrets are shown as hidden.
 */
export async function render(value: unknown, options: RenderOptions): Promise<string> {
  const { format, select = null } = options;
  /** One name alone gives bare values, whose column still has it. */
  const only = select?.length === 1 ? (select[0] ?? null) : null;
  const shown = withoutSecrets(select === null ? value : selectFields(value, select));
  switch (format) {
    case 'json':
      return `${jsonText(shown, 2)}\n`;
    case 'ndjson':
      return (Array.isArray(shown) ? shown : [shown]).map((item) => `${jsonText(item)}\n`).join('');
    case 'csv': {
      const { renderCsv } = await import('./csv.js');
      const isOnTerminal = (options.width ?? null) !== null;
      const rows: readonly unknown[] = Array.isArray(shown) ? shown : [shown];
      return renderCsv(only === null ? rows : rows.map((value) => ({ [only]: value })), {
        names: options.names ?? null,
        ...(isOnTerminal && { shown: printableLines }),
      });
    }
    case 'yaml': {
      const { stringify } = await import('yaml');
      return printableLines(stringify(shown, { lineWidth: 0 }));
    }
    case 'text':
      return isScalar(shown) ? scalarText(shown) : `${jsonText(shown, 2)}\n`;
    case 'table':
      return tableText(shown, options);
  }
}

async function tableText(value: unknown, options: RenderOptions): Promise<string> {
  if (isScalar(value)) return scalarText(value);
  const { renderRecord, renderTable } = await import('./table.js');
  const { width = null, select = null, columns = null, isWrapped = false } = options;
  if (!Array.isArray(value)) {
    return renderRecord(value as Readonly<Record<string, unknown>>, width, { isWrapped });
  }
  const rows = value as readonly unknown[];
  if (rows.length === 0) return '';
  if (rows.every(isScalar)) return rows.map((row) => `${cellText(row)}\n`).join('');
  const isRecord = (row: unknown): row is Readonly<Record<string, unknown>> =>
    typeof row === 'object' && row !== null && !Array.isArray(row);
  const records = rows.map((row) => (isRecord(row) ? row : { value: row }));
  return renderTable(records, { width, columns: select ?? columns, isWrapped });
}

/** One value alone: text as it is, for whoever reads it into a variable. */
function scalarText(value: unknown): string {
  if (typeof value === 'string') return `${printableLines(value)}\n`;
  const special = typeof value === 'object' && value !== null ? specialText(value) : null;
  return `${special ?? jsonText(value ?? null)}\n`;
}

export function jsonText(value: unknown, indent = 0): string {
  return printableJson(JSON.stringify(value ?? null, null, indent));
}

function withoutSecrets(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof (value as { $password?: unknown }).$password === 'string') {
    return { $password: '<hidden>' };
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutSecrets(item)] as const),
  );
}
