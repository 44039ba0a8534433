import { durationOf } from '../../parts/time.js';
import type { Explanation, TaskRow } from '../../state/tasks.js';

const STEPS = [
  { label: 'Verify', key: 'verify_ms', during: ['CREATED'] },
  { label: 'Wait', key: 'wait_ms', during: ['WAITING'] },
  { label: 'Run', key: 'run_ms', during: ['EXECUTING', 'ROLLBACK'] },
] as const;
const LAST = { FINISHED: 'Finished', FAILED: 'Failed', ABORTED: 'Aborted' } as const;

/** The life of a task: what is behind it, where it is, how long each stage took. */
export function Timeline({
  row,
  stages,
}: {
  readonly row: TaskRow;
  readonly stages: Explanation['stages'];
}) {
  const current = STEPS.findIndex(({ during }) =>
    (during as readonly string[]).includes(row.state),
  );
  const end = LAST[row.state as keyof typeof LAST] as string | undefined;
  return (
    <ol class="timeline" aria-label="Stages">
      {STEPS.map(({ label, key }, index) => {
        const took = stages[key];
        const isNow = index === current;
        const isDone = !isNow && took !== null;
        return (
          <li
            key={label}
            class={isNow ? 'now' : isDone ? 'done' : ''}
            aria-current={isNow ? 'step' : undefined}
          >
            <strong>{row.state === 'ROLLBACK' && isNow ? 'Rolling back' : label}</strong>
            {took === null ? '–' : durationOf(took / 1_000)}
          </li>
        );
      })}
      <li class={row.state === 'FINISHED' ? 'done' : end === undefined ? '' : 'bad'}>
        <strong>{end ?? 'End'}</strong>
        {end === undefined || stages.total_ms === null
          ? '–'
          : `after ${durationOf(stages.total_ms / 1_000)}`}
      </li>
    </ol>
  );
}
