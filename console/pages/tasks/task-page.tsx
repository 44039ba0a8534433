import { useEffect, useState } from 'preact/hooks';
import { errnoName } from '../../../src/client/index.js';
import { call, isReady } from '../../connection/session.js';
import { Confirm } from '../../parts/confirm.js';
import { JsonTree } from '../../parts/json-tree.js';
import { useLoaded } from '../../parts/resource.js';
import { Bones, Failure } from '../../parts/states.js';
import { Moment, useNow } from '../../parts/moment.js';
import { WithLinks } from '../../parts/with-links.js';
import { linkTo } from '../../state/router.js';
import {
  changed,
  claimsOf,
  ENDED,
  type Explanation,
  followTasks,
  readTask,
  type TaskChange,
  type TaskRow,
  TONES,
} from '../../state/tasks.js';
import { Progress } from './progress.js';
import { tookOf } from './took.js';
import { Timeline } from './timeline.js';
import { WaitReasons } from './wait-reasons.js';

const REREAD_MS = 250;

/** One task: where it stands, why it waits, what it said and gave. */
export function TaskPage({ id }: { readonly id: number }) {
  const task = useLoaded(
    async (stop) => {
      const [row, explanation, parts] = await Promise.all([
        readTask(id, stop),
        call<Explanation>('task.explain', [id], stop),
        readParts(id, stop),
      ]);
      return { row, explanation, parts };
    },
    [id],
  );
  const live = useChanges(id, task.reload);
  const { value } = task;
  const now = useNow(value === null || !ENDED.has(value.row.state));
  if (value === null)
    return (
      <div class="page">
        {task.error === null ? <Bones /> : <Failure error={task.error} onRetry={task.reload} />}
      </div>
    );
  const row = live === null || ENDED.has(value.row.state) ? value.row : changed(value.row, live);
  return (
    <div class="page">
      <div class="content">
        <header class="stack tight">
          <p class="small">
            <a href={linkTo('tasks')}>Tasks</a> <span class="muted">/ {row.id}</span>
            {row.parent !== null && (
              <span class="muted">
                {' '}
                · part of <a href={linkTo('tasks', String(row.parent))}>task {row.parent}</a>
              </span>
            )}
          </p>
          <div class="row wrap">
            <h1 class="mono">{row.name}</h1>
            <span class={`tag ${TONES[row.state]}`} role="status">
              {row.state.toLowerCase()}
            </span>
            <span class="row end">
              <a
                class="button"
                href={linkTo('tasks', 'new', { task: row.name, args: JSON.stringify(row.args) })}
              >
                Again…
              </a>
              <Abort row={row} onDone={task.reload} />
            </span>
          </div>
          {row.description !== null && <p>{row.description.message}</p>}
        </header>
        {task.error !== null && <Failure error={task.error} onRetry={task.reload} />}
        <section class="panel">
          <div class="body stack">
            <Timeline row={row} now={now} />
            {row.state !== 'WAITING' && row.state !== 'CREATED' && <Progress row={row} />}
            {row.abort_requested && !ENDED.has(row.state) && (
              <p class="notice">It was asked to stop and has not settled yet.</p>
            )}
            {value.explanation.waits.length > 0 && !ENDED.has(row.state) && (
              <WaitReasons waits={value.explanation.waits} />
            )}
            {row.error !== null && <TaskError error={row.error} />}
            <Warnings warnings={row.warnings} />
          </div>
        </section>
        <div class="pair">
          <Facts row={row} now={now} />
          <Parts parts={value.parts} of={row.id} now={now} />
          {row.state === 'FINISHED' && (
            <section class="panel" aria-label="Result">
              <header>
                <h2>Result</h2>
              </header>
              <div class="body">
                <JsonTree value={row.result} />
              </div>
            </section>
          )}
          {row.output !== null && row.output !== '' && (
            <section class="panel" aria-label="Output">
              <header>
                <h2>Output</h2>
              </header>
              <div class="body">
                <pre class="well">{row.output}</pre>
              </div>
            </section>
          )}
        </div>
      </div>
    </div>
  );
}

function TaskError({ error }: { readonly error: NonNullable<TaskRow['error']> }) {
  return (
    <div class="stack tight">
      <div class="notice bad" role="alert">
        <div>
          <strong>
            {errnoName(error.code)} {error.code}
          </strong>{' '}
          {error.type !== 'RpcException' && <span class="muted">{error.type}</span>}{' '}
          <WithLinks text={error.message} />
        </div>
      </div>
      {error.extra !== null && <JsonTree value={error.extra} />}
      {error.stacktrace !== null && <pre class="well small">{error.stacktrace}</pre>}
    </div>
  );
}

/** As many as one looks at; the rest when asked for, so that they push nothing off the screen. */
const SHOWN_WARNINGS = 3;

function Warnings({ warnings }: { readonly warnings: TaskRow['warnings'] }) {
  const list = (some: TaskRow['warnings']) =>
    some.map(({ code, message }, index) => (
      <p key={index} class="notice warn">
        {message} <span class="muted">({code})</span>
      </p>
    ));
  const more = warnings.slice(SHOWN_WARNINGS);
  return (
    <>
      {list(warnings.slice(0, SHOWN_WARNINGS))}
      {more.length > 0 && (
        <details class="stack tight">
          <summary>{more.length} more warnings</summary>
          {list(more)}
        </details>
      )}
    </>
  );
}

function Facts({ row, now }: { readonly row: TaskRow; readonly now: Date }) {
  return (
    <section class="panel" aria-label="Facts">
      <header>
        <h2>Facts</h2>
      </header>
      <div class="body stack">
        <dl class="definition">
          <dt>Submitted by</dt>
          <dd>{row.user ?? 'the server'}</dd>
          <dt>Submitted</dt>
          <dd>
            <Moment value={row.created_at} now={now} />
          </dd>
          <dt>Started</dt>
          <dd>
            <Moment value={row.started_at} now={now} />
          </dd>
          <dt>Ended</dt>
          <dd>
            <Moment value={row.finished_at} now={now} />
          </dd>
          {row.cause !== null && (
            <>
              <dt>Cause</dt>
              <dd class="mono small">
                <a href={linkTo('cause', row.cause)}>{row.cause}</a>
              </dd>
            </>
          )}
          <dt>Claims</dt>
          <dd class="mono small">
            {claimsOf(row).map(({ resource, mode }) => (
              <div key={resource}>
                <a href={linkTo('resources', resource)}>{resource}</a>{' '}
                <span class="muted">{mode}</span>
              </div>
            ))}
            {row.resources.length === 0 && 'nothing'}
          </dd>
        </dl>
        <div>
          <h3>Arguments</h3>
          <JsonTree value={row.args} open={3} />
        </div>
      </div>
    </section>
  );
}

const MAX_LEVELS = 5;
const MAX_PARTS = 200;

/** All parts of a task, and theirs. */
async function readParts(id: number, stop: AbortSignal): Promise<readonly TaskRow[]> {
  const found: TaskRow[] = [];
  let parents = [id];
  for (let level = 0; level < MAX_LEVELS && parents.length > 0; level += 1) {
    const filter = [['parent', 'in', parents]];
    const params = { sort: ['id'], limit: MAX_PARTS };
    const parts = await call<TaskRow[]>('task.query', [filter, params], stop);
    found.push(...parts);
    parents = found.length < MAX_PARTS ? parts.map((part) => part.id) : [];
  }
  return found;
}

interface PartsProps {
  readonly parts: readonly TaskRow[];
  readonly of: number;
  readonly now: Date;
}

/** A tree in rows: each part below the one that it is a part of. */
function inOrder(parts: readonly TaskRow[], parent: number, depth = 0): [TaskRow, number][] {
  return parts
    .filter((part) => part.parent === parent)
    .flatMap((part) => [[part, depth], ...inOrder(parts, part.id, depth + 1)]);
}

function Parts({ parts, of, now }: PartsProps) {
  if (parts.length === 0) return null;
  return (
    <section class="panel" aria-label="Subtasks">
      <header>
        <h2>Subtasks</h2>
        <span class="muted">{parts.length}</span>
      </header>
      <table class="table">
        <tbody>
          {inOrder(parts, of).map(([part, depth]) => (
            <tr key={part.id}>
              <td class="mono">
                <a href={linkTo('tasks', String(part.id))}>{part.id}</a>
              </td>
              <td>
                <div class="mono">
                  {'└ '.repeat(Math.min(depth, 1)).padStart(depth * 2)}
                  {part.name}
                </div>
                {part.description !== null && (
                  <div class="small muted">{part.description.message}</div>
                )}
                {part.error !== null && (
                  <div class="small">
                    {errnoName(part.error.code)}: {part.error.message}
                  </div>
                )}
              </td>
              <td>
                <span class={`tag ${TONES[part.state]}`}>{part.state.toLowerCase()}</span>
              </td>
              <td>
                <Progress row={part} />
              </td>
              <td class="number">{tookOf(part, now)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What cannot be undone is asked about. */
function Abort({ row, onDone }: { readonly row: TaskRow; readonly onDone: () => void }) {
  const [isAsked, setAsked] = useState(false);
  if (ENDED.has(row.state)) return null;
  const abort = async (): Promise<void> => {
    await call('task.abort', [row.id]);
    onDone();
  };
  return (
    <>
      <button
        type="button"
        class="button danger"
        disabled={!isReady.value}
        onClick={() => setAsked(true)}
      >
        Abort…
      </button>
      {isAsked && (
        <Confirm
          title={`Abort task ${row.id}?`}
          action="Abort the task"
          cancel="Let it go on"
          onConfirm={abort}
          onClose={() => setAsked(false)}
        >
          <p>
            <span class="mono">{row.name}</span>{' '}
            {row.state === 'EXECUTING'
              ? 'is running. What it has done so far is rolled back where the task knows how.'
              : 'has not started and never will.'}
          </p>
        </Confirm>
      )}
    </>
  );
}

/** What events say of the task; for everything but progress the row is read again, and so it is when others change, while this one waits for them. */
function useChanges(id: number, reload: () => void): TaskChange | null {
  const [change, setChange] = useState<TaskChange | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = followTasks((next) => {
      if (next.id === id) setChange(next);
      if (next.kind === 'progress') return;
      timer ??= setTimeout(() => {
        timer = undefined;
        reload();
      }, REREAD_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [id]);
  return change;
}
