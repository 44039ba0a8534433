import { useEffect, useRef, useState } from 'preact/hooks';
import { call, isReady } from '../../connection/session.js';
import { JsonTree } from '../../parts/json-tree.js';
import { useLoaded } from '../../parts/resource.js';
import { Bones, Failure } from '../../parts/states.js';
import { durationOf } from '../../parts/time.js';
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
import { tookOf } from './task-table.js';
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
        call<TaskRow[]>('task.query', [[['parent', '=', id]], { sort: ['id'], limit: 200 }], stop),
      ]);
      return { row, explanation, parts };
    },
    [id],
  );
  const live = useChanges(id, task.reload);
  const { value } = task;
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
            <Timeline row={row} stages={value.explanation.stages} />
            {row.state !== 'WAITING' && row.state !== 'CREATED' && <Progress row={row} />}
            {row.abort_requested && !ENDED.has(row.state) && (
              <p class="notice">It was asked to stop and has not settled yet.</p>
            )}
            {value.explanation.waits.length > 0 && !ENDED.has(row.state) && (
              <WaitReasons waits={value.explanation.waits} />
            )}
            {row.error !== null && <TaskError error={row.error} />}
            {row.warnings.map(({ code, message }, index) => (
              <p key={index} class="notice warn">
                {message} <span class="muted">({code})</span>
              </p>
            ))}
          </div>
        </section>
        <div class="pair">
          <Facts row={row} total={value.explanation.stages.total_ms} />
          <Parts parts={value.parts} />
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
            {error.type} {error.code}
          </strong>{' '}
          {error.message}
        </div>
      </div>
      {error.extra !== null && <JsonTree value={error.extra} />}
      {error.stacktrace !== null && <pre class="well small">{error.stacktrace}</pre>}
    </div>
  );
}

function Facts({ row, total }: { readonly row: TaskRow; readonly total: number | null }) {
  return (
    <section class="panel" aria-label="Facts">
      <header>
        <h2>Facts</h2>
      </header>
      <div class="body stack">
        <dl class="definition">
          <dt>Submitted by</dt>
          <dd>{row.user ?? 'the server'}</dd>
          <dt>Ran for</dt>
          <dd>{tookOf(row)}</dd>
          <dt>In all</dt>
          <dd>{total === null ? '–' : durationOf(total / 1_000)}</dd>
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

function Parts({ parts }: { readonly parts: readonly TaskRow[] }) {
  if (parts.length === 0) return null;
  return (
    <section class="panel" aria-label="Subtasks">
      <header>
        <h2>Subtasks</h2>
        <span class="muted">{parts.length}</span>
      </header>
      <table class="table">
        <tbody>
          {parts.map((part) => (
            <tr key={part.id}>
              <td class="mono">
                <a href={linkTo('tasks', String(part.id))}>{part.id}</a>
              </td>
              <td class="mono">{part.name}</td>
              <td>
                <span class={`tag ${TONES[part.state]}`}>{part.state.toLowerCase()}</span>
              </td>
              <td>
                <Progress row={part} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What cannot be undone is asked about. */
function Abort({ row, onDone }: { readonly row: TaskRow; readonly onDone: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState<Error | null>(null);
  if (ENDED.has(row.state)) return null;
  const abort = async (): Promise<void> => {
    try {
      await call('task.abort', [row.id]);
      dialog.current?.close();
      onDone();
    } catch (failure) {
      setError(failure as Error);
    }
  };
  return (
    <>
      <button
        type="button"
        class="button danger"
        disabled={!isReady.value}
        onClick={() => dialog.current?.showModal()}
      >
        Abort…
      </button>
      <dialog ref={dialog} aria-labelledby="abort-title">
        <div class="body">
          <h2 id="abort-title">Abort task {row.id}?</h2>
          <p>
            <span class="mono">{row.name}</span>{' '}
            {row.state === 'EXECUTING'
              ? 'is running. What it has done so far is rolled back where the task knows how.'
              : 'has not started and never will.'}
          </p>
          {error !== null && <Failure error={error} />}
          <div class="row">
            <button type="button" class="button danger" onClick={() => void abort()}>
              Abort the task
            </button>
            <button type="button" class="button" onClick={() => dialog.current?.close()}>
              Let it go on
            </button>
          </div>
        </div>
      </dialog>
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
