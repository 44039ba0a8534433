import { useMemo, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { matchWords } from './match.js';
import { Icon } from './icon.js';
import { Empty } from './states.js';
import { useWindow } from './virtual.js';

interface NavItem {
  readonly id: string;
  readonly label: string;
  readonly group: string;
  readonly note?: ComponentChildren;
  /** The first words of it stand behind the label, as far as there is room. */
  readonly about?: string;
}

interface NavListProps {
  readonly title: string;
  readonly items: readonly NavItem[];
  readonly selected: string;
  readonly onSelect: (id: string) => void;
  readonly children?: ComponentChildren;
}

type Row =
  | { readonly kind: 'group'; readonly label: string }
  | { readonly kind: 'item'; readonly item: NavItem };
const ROW_PX = 32;

/** A list at the side of a page: filtered as one types, moved in with the arrows, cheap with thousands of rows. */
export function NavList({ title, items, selected, onSelect, children }: NavListProps) {
  const [filter, setFilter] = useState('');
  const [active, setActive] = useState(-1);
  const rows = useMemo(() => rowsOf(items, filter), [items, filter]);
  const { ref, first, last, height, scrollTo } = useWindow(rows.length, ROW_PX);
  const move = (step: number): void => {
    let next = active + step;
    while (rows[next]?.kind === 'group') next += step;
    if (rows[next] === undefined) return;
    setActive(next);
    scrollTo(next);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[active];
    if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Enter' && row?.kind === 'item') onSelect(row.item.id);
    else return;
    event.preventDefault();
  };
  return (
    <aside class="side" aria-label={title}>
      <header>
        <div class="row">
          <h1>{title}</h1>
          <span class="muted end">{items.length}</span>
        </div>
        <div class="search">
          <Icon name="search" />
          <input
            class="input"
            type="search"
            placeholder="Filter"
            aria-label={`Filter ${title.toLowerCase()}`}
            value={filter}
            onInput={(event) => {
              setFilter(event.currentTarget.value);
              setActive(-1);
            }}
            onKeyDown={onKeyDown}
          />
        </div>
        {children}
      </header>
      <div
        ref={ref}
        class="list"
        role="listbox"
        aria-label={title}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        {rows.length === 0 && filter !== '' && (
          <Empty>
            <p>Nothing matches “{filter}”.</p>
            <button type="button" class="button" onClick={() => setFilter('')}>
              Clear the filter
            </button>
          </Empty>
        )}
        <div class="rows" role="presentation" style={{ height: `${height}px` }}>
          {rows.slice(first, last).map((row, index) => {
            const at = first + index;
            const style = { top: `${at * ROW_PX}px`, height: `${ROW_PX}px` };
            if (row.kind === 'group') {
              return (
                <div key={`g ${row.label}`} class="group" role="presentation" style={style}>
                  {row.label}
                </div>
              );
            }
            const { id, label, note, about = '' } = row.item;
            return (
              <div
                key={id}
                role="option"
                aria-selected={id === selected}
                class={at === active ? 'active' : ''}
                style={style}
                onClick={() => onSelect(id)}
              >
                <span class="ellipsis label-of">{label}</span>
                {about !== '' && (
                  <span class="about ellipsis" aria-hidden="true">
                    {about}
                  </span>
                )}
                {note !== undefined && <span class="end">{note}</span>}
              </div>
            );
          })}
        </div>
      </div>
    </aside>
  );
}

function rowsOf(items: readonly NavItem[], filter: string): Row[] {
  const rows: Row[] = [];
  let group: string | null = null;
  const found = filter === '' ? items : items.filter(({ id }) => matchWords(id, filter));
  for (const item of found) {
    if (item.group !== group) rows.push({ kind: 'group', label: item.group });
    group = item.group;
    rows.push({ kind: 'item', item });
  }
  return rows;
}
