import { cellText, isNumeric, isScalar } from './cells.js';
import { shorten } from './shorten.js';
import { widthOf } from './width.js';
import { wrapped } from './wrap.js';

export interface TableLayout {
  /** Cells that fit on a line; null where there is no edge. */
  readonly width: number | null;
  /** Which properties, in which order; null: scalars in the order of the rows until the line is full. */
  readonly columns: readonly string[] | null;
  /** Whether what is too long for its cell goes on below; shortened otherwise. */
  readonly isWrapped?: boolean;
}

const GAP = '  ';
/** A column is not made narrower than this as long as a wider one is left. */
const LEAST_WIDTH = 6;

type Row = Readonly<Record<string, unknown>>;

interface Column {
  readonly name: string;
  readonly cells: readonly string[];
  readonly isRight: boolean;
  width: number;
}

/** Rows as a table: numbers to the right, no line wider than the terminal, cells shortened unless they are wrapped. */
export function renderTable(
  rows: readonly Row[],
  { width, columns, isWrapped = false }: TableLayout,
): string {
  const names = columns ?? columnNames(rows);
  const all = names.map((name) => makeColumn(name, rows));
  const shown = width === null || columns !== null ? all : whatFits(all, width);
  if (width !== null) narrow(shown, width);
  const lines = [
    shown.map((column) => fit(cellText(column.name.toUpperCase()), column)),
    ...rows.flatMap((_, at) => (isWrapped ? wrappedRow(shown, at) : [row(shown, at)])),
  ];
  return lines.map((cells) => `${clip(cells.join(GAP).trimEnd(), width)}\n`).join('');
}

const row = (columns: readonly Column[], at: number): readonly string[] =>
  columns.map((column) => fit(column.cells[at] ?? '', column));

/** As many lines as the cell that needs most of them. */
function wrappedRow(columns: readonly Column[], at: number): readonly (readonly string[])[] {
  const cells = columns.map(({ cells: all, width }) => wrapped(all[at] ?? '', width));
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    columns.map((column, index) => fit(cells[index]?.[line] ?? '', column)),
  );
}

/** One object as a list of its properties. */
export function renderRecord(
  record: Row,
  width: number | null,
  { isWrapped = false }: Pick<TableLayout, 'isWrapped'> = {},
): string {
  const entries = Object.entries(record);
  const label = Math.max(0, ...entries.map(([name]) => widthOf(cellText(name))));
  return entries
    .map(([name, value]) => {
      const left = pad(cellText(name), label);
      if (isWrapped && width !== null) {
        const room = Math.max(1, width - label - GAP.length);
        return wrapped(cellText(value), room)
          .map(
            (line, at) =>
              `${clip(`${at === 0 ? left : pad('', label)}${GAP}${line}`.trimEnd(), width)}\n`,
          )
          .join('');
      }
      return `${clip(`${left}${GAP}${cellText(value)}`.trimEnd(), width)}\n`;
    })
    .join('');
}

/** Every property of any row, those that are plain in all of them first. */
function columnNames(rows: readonly Row[]): readonly string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const isPlain = (name: string): boolean => rows.every((row) => isPlainCell(ownValue(row, name)));
  return [...names.filter(isPlain), ...names.filter((name) => !isPlain(name))];
}

/** What a row has itself: every object has a `valueOf`. */
const ownValue = (row: Row, name: string): unknown =>
  Object.hasOwn(row, name) ? row[name] : undefined;

const isPlainCell = (value: unknown): boolean =>
  value === undefined || isScalar(value) || (Array.isArray(value) && value.every(isScalar));

function makeColumn(name: string, rows: readonly Row[]): Column {
  const values = rows.map((row) => ownValue(row, name));
  const cells = values.map(cellText);
  const width = Math.max(widthOf(cellText(name)), ...cells.map((cell) => widthOf(cell)));
  const given = values.filter((value) => value !== null && value !== undefined);
  return { name, cells, width, isRight: given.length > 0 && given.every(isNumeric) };
}

/** The first columns, as many as have room even when each is narrow. */
function whatFits(columns: readonly Column[], width: number): readonly Column[] {
  let used = 0;
  const shown: Column[] = [];
  for (const column of columns) {
    const least = Math.min(column.width, LEAST_WIDTH * 2) + (shown.length > 0 ? GAP.length : 0);
    if (shown.length > 0 && used + least > width) break;
    used += least;
    shown.push(column);
  }
  return shown;
}

/** Takes from the widest, until the line is no wider than it may be. */
function narrow(columns: readonly Column[], width: number): void {
  const total = (): number =>
    columns.reduce((sum, column) => sum + column.width, GAP.length * (columns.length - 1));
  for (let over = total() - width; over > 0; over = total() - width) {
    const ordered = [...columns].sort((a, b) => b.width - a.width);
    const [widest, next] = ordered;
    if (widest === undefined || widest.width <= 1) return;
    const floor = Math.max(1, Math.min(next?.width ?? 1, widest.width - 1));
    widest.width = Math.max(floor, widest.width - over);
  }
}

function fit(text: string, { width, isRight }: Column): string {
  const cell = shorten(text, width);
  return isRight ? ' '.repeat(Math.max(0, width - widthOf(cell))) + cell : pad(cell, width);
}

const pad = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - widthOf(text)));

const clip = (line: string, width: number | null): string =>
  width === null ? line : shorten(line, width);
