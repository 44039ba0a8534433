import { useEffect, useState } from 'preact/hooks';
import type { TaskState } from '../../../src/wire/constants.js';
import { call } from '../../connection/session.js';
import { Icon } from '../../parts/icon.js';
import { useLoaded } from '../../parts/resource.js';
import { Bones, Empty, Failure, PageHead } from '../../parts/states.js';
import { durationOf, momentOf } from '../../parts/time.js';
import { go, linkTo } from '../../state/router.js';
import {
  changed,
  ENDED,
  followTasks,
  type TaskChange,
  type TaskRow,
  TONES,
} from '../../state/tasks.js';
import { Progress } from './progress.js';

const PAGE = 100;
const REREAD_MS = 400;
const CHOICES: readonly {
  readonly id: string;
  readonly label: string;
  readonly states: readonly TaskState[];
}[] = [
  { id: 'all', label: 'All', states: [] },
  { id: 'active', label: 'Active', states: ['CREATED', 'WAITING', 'EXECUTING', 'ROLLBACK'] },
  { id: 'failed', label: 'Failed', states: ['FAILED', 'ABORTED'] },
  { id: 'finished', label: 'Finished', states: ['FINISHED'] },
];

/** All tasks, newest first, live. */
export function TaskTable() {
  const [choice, setChoice] = useState('all');
  const [words, setWords] = useState('');
  const [sort, setSort] = useState('-id');
  const [limit, setLimit] = useState(PAGE);
  const [live, setLive] = useState<ReadonlyMap<number, TaskChange>>(new Map());
  const states = CHOICES.find(({ id }) => id === choice)?.states ?? [];
  const filter = [
    ...(states.length > 0 ? [['state', 'in', states]] : []),
    ...(words.trim() === '' ? [] : [['name', 'match', `*${words.trim()}*`]]),
  ];
  const loaded = useLoaded(
    (stop) => call<TaskRow[]>('task.query', [filter, { sort: [sort], limit }], stop),
    [choice, words, sort, limit],
  );
  useLive(loaded.reload, setLive);
  const rows = (loaded.value ?? []).map((row) => {
    const change = live.get(row.id);
    return change === undefined || ENDED.has(row.state) ? row : changed(row, change);
  });
  return (
    <div class="page">
      <div class="content">
        <PageHead title="Tasks">
          <a class="button primary" href={linkTo('tasks', 'new')}>
            <Icon name="plus" size={14} /> New task
          </a>
        </PageHead>
        <div class="toolbar">
          <div class="segments" role="group" aria-label="Which tasks">
            {CHOICES.map(({ id, label }) => (
              <button
                key={id}
                type="button"
                aria-pressed={id === choice}
                onClick={() => setChoice(id)}
              >
                {label}
              </button>
            ))}
          </div>
          <div class="search">
            <Icon name="search" />
            <input
              class="input"
              type="search"
              placeholder="Task name"
              aria-label="Filter by task name"
              value={words}
              onInput={(event) => setWords(event.currentTarget.value)}
            />
          </div>
        </div>
        {loaded.error !== null && <Failure error={loaded.error} onRetry={loaded.reload} />}
        <section class="panel" aria-label="Tasks">
          {loaded.value === null && loaded.error === null && <Bones />}
          {loaded.value?.length === 0 && (
            <Empty>
              {filter.length === 0 ? (
                <p>
                  No task was submitted yet. Tasks change the system: submit one, and watch it here.
                </p>
              ) : (
                <p>Nothing matches.</p>
              )}
              {filter.length > 0 && (
                <button
                  type="button"
                  class="button"
                  onClick={() => {
                    setWords('');
                    setChoice('all');
                  }}
                >
                  Show all tasks
                </button>
              )}
            </Empty>
          )}
          {rows.length > 0 && <Table rows={rows} sort={sort} onSort={setSort} />}
        </section>
        {rows.length >= limit && (
          <button type="button" class="button" onClick={() => setLimit(limit + PAGE)}>
            Show more
          </button>
        )}
      </div>
    </div>
  );
}

/** Progress at once, a new reading of the rows a moment after a task came or changed its state. */
function useLive(
  reload: () => void,
  setLive: (
    update: (old: ReadonlyMap<number, TaskChange>) => ReadonlyMap<number, TaskChange>,
  ) => void,
): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let pending = new Map<number, TaskChange>();
    let frame = 0;
    const stop = followTasks((change) => {
      if (change.kind !== 'progress') {
        timer ??= setTimeout(() => {
          timer = undefined;
          reload();
        }, REREAD_MS);
      }
      pending.set(change.id, change);
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        const latest = pending;
        pending = new Map();
        setLive((old) => new Map([...old, ...latest]));
      });
    });
    return () => {
      stop();
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  }, []);
}

const COLUMNS = [
  { field: 'id', label: '#' },
  { field: 'name', label: 'Task' },
  { field: 'state', label: 'State' },
] as const;

interface TableProps {
  readonly rows: readonly TaskRow[];
  readonly sort: string;
  readonly onSort: (sort: string) => void;
}

function Table({ rows, sort, onSort }: TableProps) {
  return (
    <table class="table links">
      <thead>
        <tr>
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
          <th scope="col" class="number">
            Took
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} onClick={() => go('tasks', String(row.id))}>
            <td class="mono">
              <a href={linkTo('tasks', String(row.id))}>{row.id}</a>
            </td>
            <td>
              <div class="mono">{row.name}</div>
              {row.description !== null && <div class="small muted">{row.description.message}</div>}
            </td>
            <td>
              <span class={`tag ${TONES[row.state]}`}>{row.state.toLowerCase()}</span>
              {row.error !== null && <div class="small">{row.error.message}</div>}
            </td>
            <td class="hide-narrow">
              <Progress row={row} />
            </td>
            <td class="hide-narrow">{row.user ?? <span class="muted">server</span>}</td>
            <td class="number">{tookOf(row)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function tookOf(row: TaskRow): string {
  const from = momentOf(row.started_at);
  if (from === null) return '–';
  const to = momentOf(row.finished_at) ?? new Date();
  return durationOf((to.getTime() - from.getTime()) / 1_000);
}
