import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../../connection/session.js';
import { Icon } from '../../parts/icon.js';
import { useLoaded } from '../../parts/resource.js';
import { Bones, Empty, Failure, PageHead } from '../../parts/states.js';
import { EVERYTHING, queryOf, type TaskFilter } from '../../state/task-filters.js';
import {
  changed,
  ENDED,
  type Explanation,
  followTasks,
  type TaskChange,
  type TaskRow,
  type WaitReason,
} from '../../state/tasks.js';
import { may } from '../../state/rights.js';
import { linkTo } from '../../state/router.js';
import { BulkBar } from './bulk-bar.js';
import { FilterBar } from './filter-bar.js';
import { Rows } from './task-rows.js';

const PAGE = 100;
const REREAD_MS = 400;

/** Kept while one looks at a task and comes back. */
let lastFilter = EVERYTHING;

/** All tasks, newest first, live. */
export function TaskTable() {
  const [filter, setFilter] = useState<TaskFilter>(lastFilter);
  const [sort, setSort] = useState('-id');
  const [limit, setLimit] = useState(PAGE);
  const [ticked, setTicked] = useState<ReadonlySet<number>>(new Set());
  const [live, setLive] = useState<ReadonlyMap<number, TaskChange>>(new Map());
  const query = queryOf(filter, new Date());
  const loaded = useLoaded(
    async (stop) => {
      const [rows, total] = await Promise.all([
        call<TaskRow[]>('task.query', [query, { sort: [sort], limit }], stop),
        call<number>('task.query', [query, { count: true }], stop),
      ]);
      return { rows, total, reasons: await reasonsOf(rows, stop) };
    },
    [filter, sort, limit],
  );
  useLive(loaded.reload, setLive);
  const {
    rows: still,
    held,
    onHover,
  } = useStillRows(loaded.value?.rows ?? [], [filter, sort, limit]);
  const rows = still.map((row) => {
    const change = live.get(row.id);
    return change === undefined || ENDED.has(row.state) ? row : changed(row, change);
  });
  const change = (next: TaskFilter): void => {
    lastFilter = next;
    setTicked(new Set());
    setFilter(next);
  };
  return (
    <div class="page">
      <div class="content">
        <PageHead title="Tasks" lead={loaded.value === null ? '' : `${loaded.value.total} in all`}>
          {may('task.submit') && (
            <a class="button primary" href={linkTo('tasks', 'new')}>
              <Icon name="plus" size={14} /> New task
            </a>
          )}
        </PageHead>
        <FilterBar filter={filter} isAll={query.length === 0} onChange={change} />
        {loaded.error !== null && <Failure error={loaded.error} onRetry={loaded.reload} />}
        <BulkBar
          rows={rows.filter(({ id }) => ticked.has(id))}
          onDone={() => {
            setTicked(new Set());
            loaded.reload();
          }}
        />
        {held > 0 && (
          <p class="small muted" role="status">
            {held} more {held === 1 ? 'task' : 'tasks'} came; the rows stay while you point at them.
          </p>
        )}
        <section class="panel" aria-label="Tasks">
          {loaded.value === null && loaded.error === null && <Bones />}
          {loaded.value?.rows.length === 0 && (
            <Empty>
              {query.length === 0 ? (
                <p>
                  No task was submitted yet. Tasks change the system: submit one, and watch it here.
                </p>
              ) : (
                <p>Nothing matches.</p>
              )}
              {query.length > 0 && (
                <button type="button" class="button" onClick={() => change(EVERYTHING)}>
                  Show all tasks
                </button>
              )}
            </Empty>
          )}
          {rows.length > 0 && (
            <Rows
              rows={rows}
              reasons={loaded.value?.reasons ?? NO_REASONS}
              sort={sort}
              ticked={ticked}
              onSort={setSort}
              onTick={setTicked}
              onHover={onHover}
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

/**
 * The rows stay where they are while somebody points at them: what is clicked is what was aimed at.
 * They are as new as ever; those that came meanwhile are counted, and appear as the pointer leaves.
 */
function useStillRows(rows: readonly TaskRow[], keys: readonly unknown[]) {
  const [isHovered, setHovered] = useState(false);
  const shown = useRef<readonly number[]>([]);
  const asked = useRef(keys);
  const isSame = asked.current.every((key, index) => key === keys[index]);
  asked.current = keys;
  if (!isHovered || !isSame || shown.current.length === 0) {
    shown.current = rows.map(({ id }) => id);
    return { rows, held: 0, onHover: setHovered };
  }
  const byId = new Map(rows.map((row) => [row.id, row]));
  const still = shown.current.flatMap((id) => byId.get(id) ?? []);
  return { rows: still, held: rows.length - still.length, onHover: setHovered };
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
