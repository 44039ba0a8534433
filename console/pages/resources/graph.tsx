import { useMemo } from 'preact/hooks';
import { CHARACTER_PX, type Drawing, draw, type ResourceRow } from './layout.js';

interface GraphProps {
  readonly rows: readonly ResourceRow[];
  readonly selected: string;
  readonly onSelect: (name: string) => void;
}

const TEXT_PX = 8;

/** The graph of resources, drawn; the layout is made anew only when the graph itself changes. */
export function Graph({ rows, selected, onSelect }: GraphProps) {
  const form = rows.map(({ name, parents }) => `${name}<${parents.join()}`).join('\n');
  const across = innerWidth;
  const drawing: Drawing = useMemo(() => draw(rows, across), [form, across]);
  const byName = new Map(rows.map((row) => [row.name, row]));
  return (
    <div class="graph" tabIndex={0} role="region" aria-label="Drawing, can be scrolled">
      <svg
        width={drawing.width}
        height={drawing.height}
        viewBox={`0 0 ${drawing.width} ${drawing.height}`}
        role="group"
        aria-label="Resources"
      >
        {drawing.edges.map(({ id, path }) => (
          <path key={id} class="edge" d={path} />
        ))}
        {drawing.nodes.map(({ name, x, y, width, height }) => {
          const row = byName.get(name);
          const held = (row?.holders.length ?? 0) > 0;
          const waited = (row?.waiters.length ?? 0) > 0;
          const note = noteOf(row);
          return (
            <g
              key={name}
              class={`node ${held ? 'held' : ''} ${waited ? 'waited' : ''} ${name === selected ? 'selected' : ''}`}
              transform={`translate(${x - width / 2} ${y - height / 2})`}
              tabIndex={0}
              role="button"
              aria-label={note === '' ? name : `${name} ${note}`}
              onClick={() => onSelect(name)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' || event.key === ' ') {
                  event.preventDefault();
                  onSelect(name);
                }
              }}
            >
              <rect width={width} height={height} rx="6" />
              <text x={TEXT_PX} y={note === '' ? height / 2 + 4 : 17}>
                {shortened(name, width)}
                {note !== '' && (
                  <tspan class="note" x={TEXT_PX} dy="15">
                    {` ${note}`}
                  </tspan>
                )}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

/** As many whole parts of its end as fit: they tell it from others, and are what a screen reader says, too. */
function shortened(name: string, widthPx: number): string {
  const most = Math.floor((widthPx - 16) / CHARACTER_PX);
  if (name.length <= most) return name;
  const starts = [...name.matchAll(/[:/]+/g)].map(({ index, 0: mark }) => index + mark.length);
  const start = starts.find((at) => name.length - at <= most && at < name.length);
  return start === undefined ? name.slice(0, most) : name.slice(start);
}

function noteOf(row: ResourceRow | undefined): string {
  if (row === undefined) return '';
  const parts: string[] = [];
  if (row.holders.length > 0)
    parts.push(
      `held by task ${row.holders
        .map(({ task }) => task)
        .slice(0, 3)
        .join(', ')}`,
    );
  if (row.waiters.length > 0) parts.push(`${row.waiters.length} waiting`);
  return parts.join(', ');
}
