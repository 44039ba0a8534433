import { durationOf, secondsBetween } from '../../parts/time.js';
import type { TaskRow } from '../../state/tasks.js';

const LAST = { FINISHED: 'Finished', FAILED: 'Failed', ABORTED: 'Aborted' } as const;

interface Stage {
  readonly label: string;
  readonly isNow: boolean;
  /** Null before it has begun. */
  readonly seconds: number | null;
}

/** What a task has gone through; the stage that it is in goes on until now. */
function stagesOf(row: TaskRow, now: Date): Stage[] {
  const { state, created_at, verified_at, started_at, rollback_at, finished_at } = row;
  const stages = [
    {
      label: 'Verify',
      isNow: state === 'CREATED',
      seconds: secondsBetween(created_at, verified_at ?? finished_at, now),
    },
    {
      label: 'Wait',
      isNow: state === 'WAITING',
      seconds: secondsBetween(verified_at, started_at ?? finished_at, now),
    },
    {
      label: 'Run',
      isNow: state === 'EXECUTING',
      seconds: secondsBetween(started_at, rollback_at ?? finished_at, now),
    },
  ];
  if (rollback_at === null) return stages;
  const seconds = secondsBetween(rollback_at, finished_at, now);
  return [...stages, { label: 'Roll back', isNow: state === 'ROLLBACK', seconds }];
}

/** The life of a task: what is behind it, where it is, how long each stage took. */
export function Timeline({ row, now }: { readonly row: TaskRow; readonly now: Date }) {
  const end = LAST[row.state as keyof typeof LAST] as string | undefined;
  const total = secondsBetween(row.created_at, row.finished_at, now);
  return (
    <ol class="timeline" aria-label="Stages">
      {stagesOf(row, now).map(({ label, isNow, seconds }) => (
        <li
          key={label}
          class={isNow ? 'now' : seconds === null ? '' : 'done'}
          aria-current={isNow ? 'step' : undefined}
        >
          <strong>{label}</strong>
          {seconds === null ? '–' : durationOf(seconds)}
        </li>
      ))}
      <li class={row.state === 'FINISHED' ? 'done' : end === undefined ? '' : 'bad'}>
        <strong>{end ?? 'End'}</strong>
        {end === undefined || total === null ? '–' : `after ${durationOf(total)}`}
      </li>
    </ol>
  );
}
