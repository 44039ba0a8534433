import type { TaskRow } from '../../state/tasks.js';

/** How far a task is, for the eye and in words. */
export function Progress({ row }: { readonly row: TaskRow }) {
  const { percentage, message } = row.progress;
  const tone = row.state === 'FINISHED' ? 'good' : row.state === 'FAILED' ? 'bad' : '';
  if (percentage === null && message === null) return <span class="muted">–</span>;
  return (
    <div class="stack tight">
      {percentage !== null && (
        <div
          class={`bar ${tone}`}
          role="progressbar"
          aria-label={`Progress of task ${row.id}`}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(percentage)}
        >
          <i style={{ width: `${Math.min(100, Math.max(0, percentage))}%` }} />
        </div>
      )}
      <span class="small muted ellipsis">
        {percentage !== null && `${Math.round(percentage)} %`} {message}
      </span>
    </div>
  );
}
