import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useWindow } from './virtual.js';

interface StreamListProps<T> {
  readonly label: string;
  readonly rows: readonly T[];
  /** Counts what came: a new figure means new rows at the foot. */
  readonly total: number;
  readonly selected: number | null;
  readonly idOf: (row: T) => number;
  readonly onSelect: (row: T) => void;
  readonly render: (row: T) => ComponentChildren;
}

const ROW_PX = 28;

/** Rows that come in at the foot; it follows them until somebody scrolls away. */
export function StreamList<T>({
  label,
  rows,
  total,
  selected,
  idOf,
  onSelect,
  render,
}: StreamListProps<T>) {
  const { ref, first, last, height, scrollTo } = useWindow(rows.length, ROW_PX);
  const follows = useRef(true);
  useEffect(() => {
    const element = ref.current;
    if (element !== null && follows.current) element.scrollTop = element.scrollHeight;
  }, [total, rows.length]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = rows.findIndex((row) => idOf(row) === selected);
    const next = rows[at === -1 ? rows.length - 1 : at + step];
    if (next === undefined) return;
    follows.current = false;
    scrollTo(at === -1 ? rows.length - 1 : at + step);
    onSelect(next);
  };
  return (
    <div
      ref={ref}
      class="stream"
      role="listbox"
      aria-label={label}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        follows.current = scrollTop + clientHeight > scrollHeight - ROW_PX;
      }}
    >
      <div class="rows" role="presentation" style={{ height: `${height}px` }}>
        {rows.slice(first, last).map((row, index) => {
          const id = idOf(row);
          return (
            <div
              key={id}
              class="line"
              role="option"
              aria-selected={id === selected}
              style={{ top: `${(first + index) * ROW_PX}px`, height: `${ROW_PX}px` }}
              onClick={() => {
                follows.current = false;
                onSelect(row);
              }}
            >
              {render(row)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
