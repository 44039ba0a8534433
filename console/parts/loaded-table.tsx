import type { ComponentChildren } from 'preact';
import type { Loaded } from './resource.js';
import { Bones, Failure } from './states.js';

export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => ComponentChildren;
  /** `narrow` is left out where there is no room for it; `actions` has a head for screen readers alone. */
  readonly kind?: 'text' | 'mono' | 'number' | 'actions';
  readonly isLeftOutNarrow?: boolean;
}

interface LoadedTableProps<T> {
  /** What the rows are, for a screen reader. */
  readonly label: string;
  readonly loaded: Loaded<readonly T[]>;
  /** Those of the rows that are shown; all of them, if it is left out. */
  readonly rows?: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly keyOf: (row: T) => string | number;
  /** Said instead of a table without rows. */
  readonly empty: ComponentChildren;
  /** Above the rows. */
  readonly children?: ComponentChildren;
}

/** Rows that a call answers, with what is shown before they come, when they fail and when there are none. */
export function LoadedTable<T>(props: LoadedTableProps<T>) {
  const { label, loaded, columns, keyOf, empty, children } = props;
  const rows = props.rows ?? loaded.value ?? [];
  return (
    <section class="panel" aria-label={label}>
      {children}
      {loaded.error !== null && <Failure error={loaded.error} onRetry={loaded.reload} />}
      {loaded.value === null && loaded.error === null && <Bones lines={3} />}
      {loaded.value !== null && rows.length === 0 && empty}
      {rows.length > 0 && (
        <table class="table">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.head} scope="col" class={headClassOf(column)}>
                  {column.kind === 'actions' ? (
                    <span class="visually-hidden">{column.head}</span>
                  ) : (
                    column.head
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map((column) => (
                  <td key={column.head} class={cellClassOf(column)}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function headClassOf({ kind, isLeftOutNarrow }: Column<never>): string {
  return [kind === 'number' && 'number', isLeftOutNarrow && 'hide-narrow']
    .filter(Boolean)
    .join(' ');
}

function cellClassOf({ kind, isLeftOutNarrow }: Column<never>): string {
  return [kind !== 'text' && kind, isLeftOutNarrow && 'hide-narrow'].filter(Boolean).join(' ');
}
