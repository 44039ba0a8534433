import { useEffect, useState } from 'preact/hooks';
import type { SCHEDULE_ROW } from '../../../src/wire/index.js';
import { call } from '../../connection/session.js';
import { MethodForm } from '../../form/method-form.js';
import { isObject, type Json, type JsonObject, summaryOf } from '../../forms/index.js';
import { Dialog } from '../../parts/dialog.js';
import { Moment, useNow } from '../../parts/moment.js';
import { schemaIndex, tasks } from '../../state/registry.js';
import type { Shown } from '../../state/shown.js';

export type ScheduleRow = Shown<typeof SCHEDULE_ROW>;

interface ScheduleDialogProps {
  /** Null: a new one. */
  readonly row: ScheduleRow | null;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** The form of a schedule, with its next times and the arguments of its task beside what is typed. */
export function ScheduleDialog({ row, onClose, onDone }: ScheduleDialogProps) {
  const below = (args: readonly Json[]) => <Consequences definition={args[0]} />;
  return (
    <Dialog
      title={row === null ? 'New schedule' : `Change ${row.name}`}
      size="wide"
      onClose={onClose}
    >
      {row === null ? (
        <MethodForm
          method="schedule.create"
          labels={['schedule']}
          values={[{ name: '', cron: '0 3 * * *', task: '', timezone: zoneOfBrowser(), args: [] }]}
          action="Create"
          onDone={onDone}
          onCancel={onClose}
          below={below}
        />
      ) : (
        <MethodForm
          method="schedule.update"
          fixed={[row.id]}
          labels={['schedule']}
          values={[changeable(row)]}
          action="Change"
          onDone={onDone}
          onCancel={onClose}
          below={below}
        />
      )}
    </Dialog>
  );
}

const zoneOfBrowser = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

function changeable(row: ScheduleRow): JsonObject {
  const { name, enabled, cron, timezone, task, args, environment, ...rest } = row;
  const { catch_up: catchUp, jitter_s: jitter, overlap } = rest;
  const plain = { name, enabled, cron, timezone, task };
  const more = { catch_up: catchUp, jitter_s: jitter, overlap };
  return { ...plain, args: args ?? [], environment: environment ?? {}, ...more };
}

const PAUSE_MS = 300;

/** When it would run, and what its task takes. */
function Consequences({ definition }: { readonly definition: Json | undefined }) {
  const given = isObject(definition) ? definition : {};
  const task = tasks.value.find(({ name }) => name === given['task']);
  return (
    <div class="well stack tight">
      <NextTimes cron={textOf(given['cron'])} timezone={textOf(given['timezone']) || 'UTC'} />
      {task === undefined ? (
        <p class="small muted">No task has that name at present.</p>
      ) : (
        <p class="small">
          <span class="mono">{task.name}</span>{' '}
          <span class="muted">
            takes [
            {(task.schema ?? []).map((schema) => summaryOf(schema, schemaIndex.value)).join(', ')}]
          </span>
        </p>
      )}
    </div>
  );
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

function NextTimes({ cron, timezone }: { readonly cron: string; readonly timezone: string }) {
  const [times, setTimes] = useState<readonly Json[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const now = useNow();
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      call<Json[]>('schedule.preview', [cron, timezone, 5], stop.signal).then(
        (next) => {
          setTimes(next);
          setProblem(null);
        },
        (error: unknown) => !stop.signal.aborted && setProblem((error as Error).message),
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [cron, timezone]);
  if (problem !== null)
    return (
      <p class="small" role="status">
        {problem}
      </p>
    );
  return (
    <div class="small">
      <h3>Next times</h3>
      <ol aria-label="Next times">
        {times.map((time, index) => (
          <li key={index}>
            <Moment value={time} now={now} />
          </li>
        ))}
      </ol>
      {times.length === 0 && <p class="muted">never</p>}
    </div>
  );
}
