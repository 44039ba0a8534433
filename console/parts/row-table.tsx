import { isList, isObject, type Json, type JsonObject } from '../forms/index.js';
import { momentOf, stampOf } from './time.js';

interface RowTableProps {
  readonly rows: readonly JsonObject[];
  /** A field, with `-` before it for the other way round; null: not to be sorted. */
  readonly sort?: string | null;
  readonly onSort?: (sort: string) => void;
  /** Where the first cell of a row leads to. */
  readonly linkOf?: (row: JsonObject) => string;
}

const MAX_COLUMNS = 12;
const MAX_CELL = 80;

/** Objects as a table: what most of them have are its columns. */
export function RowTable({ rows, sort = null, onSort, linkOf }: RowTableProps) {
  const columns = columnsOf(rows);
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="Table">
      <table class="table narrow">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" aria-sort={directionOf(sort, column)}>
                {onSort === undefined ? (
                  column
                ) : (
                  <button
                    type="button"
                    onClick={() => onSort(sort === column ? `-${column}` : column)}
                  >
                    {column}
                    {sort === column ? ' ↑' : sort === `-${column}` ? ' ↓' : ''}
                  </button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {columns.map((column, index) => (
                <td key={column} class="mono small">
                  {index === 0 && linkOf !== undefined ? (
                    <a href={linkOf(row)}>{cellOf(row[column])}</a>
                  ) : (
                    cellOf(row[column])
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function directionOf(sort: string | null, column: string): 'ascending' | 'descending' | 'none' {
  if (sort === column) return 'ascending';
  return sort === `-${column}` ? 'descending' : 'none';
}

/** `id` first, then in the order of the rows. */
function columnsOf(rows: readonly JsonObject[]): string[] {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  const rest = [...names].filter((name) => name !== 'id');
  return [...(names.has('id') ? ['id'] : []), ...rest].slice(0, MAX_COLUMNS);
}

function cellOf(value: Json | undefined): string {
  if (value === undefined) return '';
  const moment = isObject(value) ? momentOf(value) : null;
  if (moment !== null) return stampOf(moment);
  const text = isList(value) || isObject(value) ? JSON.stringify(value) : String(value);
  return text.length > MAX_CELL ? `${text.slice(0, MAX_CELL)}…` : text;
}
