import { useEffect } from 'preact/hooks';
import { call } from '../../connection/session.js';
import { Gated } from '../../parts/gated.js';
import { useNow } from '../../parts/moment.js';
import { useLoaded } from '../../parts/resource.js';
import { Bones, Failure } from '../../parts/states.js';
import { linkTo } from '../../state/router.js';
import { followTasks, type TaskRow, TONES } from '../../state/tasks.js';
import { tookOf } from '../tasks/took.js';

const SHOWN = 8;
const REREAD_MS = 500;

/** What runs and waits now, else what ran last. */
export function ActiveTasks() {
  return (
    <section class="panel" aria-label="Tasks">
      <header>
        <h2>Tasks</h2>
        <a class="end small" href={linkTo('tasks')}>
          All tasks
        </a>
      </header>
      <Gated method="task.query" what="The list of tasks">
        <Latest />
      </Gated>
    </section>
  );
}

function Latest() {
  const tasks = useLoaded(
    (stop) =>
      call<TaskRow[]>('task.query', [null, { sort: ['finished_at', '-id'], limit: SHOWN }], stop),
    [],
  );
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = followTasks(({ kind }) => {
      if (kind !== 'progress')
        timer ??= setTimeout(() => {
          timer = undefined;
          tasks.reload();
        }, REREAD_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, []);
  const now = useNow();
  if (tasks.error !== null) return <Failure error={tasks.error} onRetry={tasks.reload} />;
  if (tasks.value === null) return <Bones lines={3} />;
  if (tasks.value.length === 0)
    return (
      <p class="body muted">
        No task was submitted yet. <a href={linkTo('tasks', 'new')}>Submit one</a>
      </p>
    );
  return (
    <table class="table">
      <tbody>
        {tasks.value.map((row) => (
          <tr key={row.id}>
            <td class="mono">
              <a href={linkTo('tasks', String(row.id))}>{row.id}</a>
            </td>
            <td class="mono">{row.name}</td>
            <td>
              <span class={`tag ${TONES[row.state]}`}>{row.state.toLowerCase()}</span>
            </td>
            <td class="number">{tookOf(row, now)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
