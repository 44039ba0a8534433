import { useEffect, useState } from 'preact/hooks';
import type { TaskState } from '../../../src/wire/constants.js';
import { call } from '../../connection/session.js';
import { Icon } from '../../parts/icon.js';
import { useLoaded } from '../../parts/resource.js';
import { Bones, Empty, Failure, PageHead } from '../../parts/states.js';
import { Moment, useNow } from '../../parts/moment.js';
import { durationOf, secondsBetween } from '../../parts/time.js';
import { go, linkTo } from '../../state/router.js';
import {
  changed,
  ENDED,
  type Explanation,
  followTasks,
  type TaskChange,
  type TaskRow,
  TONES,
  type WaitReason,
} from '../../state/tasks.js';
import { Progress } from './progress.js';
import { WaitSentence } from './wait-reasons.js';

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
  const [who, setWho] = useState('');
  const [sort, setSort] = useState('-id');
  const [limit, setLimit] = useState(PAGE);
  const [live, setLive] = useState<ReadonlyMap<number, TaskChange>>(new Map());
  const states = CHOICES.find(({ id }) => id === choice)?.states ?? [];
  const filter = [
    ...(states.length > 0 ? [['state', 'in', states]] : []),
    ...(words.trim() === '' ? [] : [['name', 'match', `*${words.trim()}*`]]),
    ...(who.trim() === '' ? [] : [['user', 'match', `*${who.trim()}*`]]),
  ];
  const loaded = useLoaded(
    async (stop) => {
      const [rows, total] = await Promise.all([
        call<TaskRow[]>('task.query', [filter, { sort: [sort], limit }], stop),
        call<number>('task.query', [filter, { count: true }], stop),
      ]);
      return { rows, total, reasons: await reasonsOf(rows, stop) };
    },
    [choice, words, who, sort, limit],
  );
  useLive(loaded.reload, setLive);
  const rows = (loaded.value?.rows ?? []).map((row) => {
    const change = live.get(row.id);
    return change === undefined || ENDED.has(row.state) ? row : changed(row, change);
  });
  return (
    <div class="page">
      <div class="content">
        <PageHead title="Tasks" lead={loaded.value === null ? '' : `${loaded.value.total} in all`}>
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
          <input
            class="input short"
            type="search"
            placeholder="User"
            aria-label="Filter by user"
            value={who}
            onInput={(event) => setWho(event.currentTarget.value)}
          />
        </div>
        {loaded.error !== null && <Failure error={loaded.error} onRetry={loaded.reload} />}
        <section class="panel" aria-label="Tasks">
          {loaded.value === null && loaded.error === null && <Bones />}
          {loaded.value?.rows.length === 0 && (
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
                    setWho('');
                    setChoice('all');
                  }}
                >
                  Show all tasks
                </button>
              )}
            </Empty>
          )}
          {rows.length > 0 && (
            <Table
              rows={rows}
              reasons={loaded.value?.reasons ?? NO_REASONS}
              sort={sort}
              onSort={setSort}
            />
          )}
        </section>
        {rows.length < (loaded.value?.total ?? 0) && (
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

/** Of more the server is not asked: whoever looks at that many reads none of them. */
const MAX_EXPLAINED = 20;
const NO_REASONS: ReadonlyMap<number, readonly WaitReason[]> = new Map();

/** Why those wait that wait. One that is gone meanwhile has no reason. */
async function reasonsOf(
  rows: readonly TaskRow[],
  stop: AbortSignal,
): Promise<ReadonlyMap<number, readonly WaitReason[]>> {
  const waiting = rows.filter(({ state }) => state === 'WAITING').slice(0, MAX_EXPLAINED);
  const explained = await Promise.all(
    waiting.map(({ id }) => call<Explanation>('task.explain', [id], stop).catch(() => null)),
  );
  return new Map(waiting.map(({ id }, index) => [id, explained[index]?.waits ?? []]));
}

const COLUMNS = [
  { field: 'id', label: '#' },
  { field: 'name', label: 'Task' },
  { field: 'state', label: 'State' },
] as const;

interface TableProps {
  readonly rows: readonly TaskRow[];
  readonly reasons: ReadonlyMap<number, readonly WaitReason[]>;
  readonly sort: string;
  readonly onSort: (sort: string) => void;
}

function Table({ rows, reasons, sort, onSort }: TableProps) {
  const now = useNow();
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
          <th scope="col" class="hide-narrow">
            Submitted
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

/** How long it has run; how long it has waited, before that. */
export function tookOf(row: TaskRow, now: Date): string {
  const ran = secondsBetween(row.started_at, row.finished_at, now);
  if (ran !== null) return durationOf(ran);
  const waited = secondsBetween(row.created_at, row.finished_at, now);
  return waited === null ? '–' : `${durationOf(waited)} waiting`;
}
