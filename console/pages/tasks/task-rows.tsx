import { Moment, useNow } from '../../parts/moment.js';
import { go, linkTo } from '../../state/router.js';
import { type TaskRow, TONES, type WaitReason } from '../../state/tasks.js';
import { Progress } from './progress.js';
import { tookOf } from './took.js';
import { WaitSentence } from './wait-reasons.js';

const COLUMNS = [
  { field: 'id', label: '#' },
  { field: 'name', label: 'Task' },
  { field: 'state', label: 'State' },
] as const;

interface RowsProps {
  readonly rows: readonly TaskRow[];
  readonly reasons: ReadonlyMap<number, readonly WaitReason[]>;
  readonly sort: string;
  readonly ticked: ReadonlySet<number>;
  readonly onSort: (sort: string) => void;
  readonly onTick: (ticked: ReadonlySet<number>) => void;
  readonly onHover: (isHovered: boolean) => void;
}

/** The table of tasks; a click opens one, a tick chooses several. */
export function Rows(props: RowsProps) {
  const { rows, reasons, sort, ticked, onSort, onTick, onHover } = props;
  const now = useNow();
  const tick = (id: number): void => {
    const next = new Set(ticked);
    if (!next.delete(id)) next.add(id);
    onTick(next);
  };
  return (
    <table class="table links">
      <thead>
        <tr>
          <th scope="col" class="tick">
            <input
              type="checkbox"
              aria-label="Tick all"
              checked={rows.every(({ id }) => ticked.has(id))}
              onChange={(event) =>
                onTick(new Set(event.currentTarget.checked ? rows.map(({ id }) => id) : []))
              }
            />
          </th>
          {COLUMNS.map(({ field, label }) => {
            const direction =
              sort === field ? 'ascending' : sort === `-${field}` ? 'descending' : 'none';
            return (
              <th key={field} scope="col" aria-sort={direction}>
                <button
                  type="button"
                  onClick={() => onSort(sort === `-${field}` ? field : `-${field}`)}
                >
                  {label} {direction === 'ascending' ? '↑' : direction === 'descending' ? '↓' : ''}
                </button>
              </th>
            );
          })}
          <th scope="col" class="hide-narrow">
            Progress
          </th>
          <th scope="col" class="hide-narrow">
            Who
          </th>
          <th scope="col" class="hide-narrow">
            Submitted
          </th>
          <th scope="col" class="number">
            Took
          </th>
        </tr>
      </thead>
      <tbody onPointerEnter={() => onHover(true)} onPointerLeave={() => onHover(false)}>
        {rows.map((row) => (
          <tr key={row.id} onClick={() => go('tasks', String(row.id))}>
            <td class="tick" onClick={(event) => event.stopPropagation()}>
              <input
                type="checkbox"
                aria-label={`Tick task ${row.id}`}
                checked={ticked.has(row.id)}
                onChange={() => tick(row.id)}
              />
            </td>
            <td class="mono">
              <a href={linkTo('tasks', String(row.id))}>{row.id}</a>
            </td>
            <td>
              <div class="mono">
                {row.name}
                {row.description !== null && (
                  <span class="small muted about hide-narrow"> {row.description.message}</span>
                )}
              </div>
            </td>
            <td>
              <span class={`tag ${TONES[row.state]}`}>{row.state.toLowerCase()}</span>
              {row.rollback_at !== null && row.state !== 'ROLLBACK' && (
                <span class="tag" title="What it had done was taken back">
                  rolled back
                </span>
              )}
              {row.error !== null && <div class="small">{row.error.message}</div>}
              {row.state === 'WAITING' && <FirstReason reasons={reasons.get(row.id) ?? []} />}
            </td>
            <td class="hide-narrow">
              <Progress row={row} />
            </td>
            <td class="hide-narrow">{row.user ?? <span class="muted">server</span>}</td>
            <td class="hide-narrow">
              <Moment value={row.created_at} now={now} />
            </td>
            <td class="number">{tookOf(row, now)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The first one, which is what the task waits for now. */
function FirstReason({ reasons }: { readonly reasons: readonly WaitReason[] }) {
  const [reason] = reasons;
  return reason === undefined ? null : (
    <div class="small">
      <WaitSentence reason={reason} />
    </div>
  );
}
