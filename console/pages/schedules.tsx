import { useEffect, useState } from 'preact/hooks';
import { call, subscribe } from '../connection/session.js';
import { ActButton } from '../parts/act-button.js';
import { Confirm } from '../parts/confirm.js';
import { Gated } from '../parts/gated.js';
import { Icon } from '../parts/icon.js';
import { Moment, useNow } from '../parts/moment.js';
import { useLoaded } from '../parts/resource.js';
import { Bones, Empty, Failure, PageHead } from '../parts/states.js';
import { useAction } from '../parts/use-action.js';
import { go, linkTo } from '../state/router.js';
import { ScheduleDialog, type ScheduleRow } from './schedules/schedule-dialog.js';

type Doing =
  | { readonly kind: 'form'; readonly row: ScheduleRow | null }
  | { readonly kind: 'delete'; readonly row: ScheduleRow };

/** Tasks at times: when each runs next, how the last run ended, and the way to change that. */
export function Schedules() {
  return (
    <div class="page">
      <div class="content">
        <Gated method="schedule.query" what="The list of schedules">
          <ScheduleList />
        </Gated>
      </div>
    </div>
  );
}

function ScheduleList() {
  const schedules = useLoaded(
    (stop) => call<ScheduleRow[]>('schedule.query', [null, { sort: ['name'] }], stop),
    [],
  );
  useEffect(() => subscribe(['schedule.changed', 'task.updated'], () => schedules.reload()), []);
  const [doing, setDoing] = useState<Doing | null>(null);
  const { busy, error, run } = useAction(schedules.reload);
  const rows = schedules.value ?? [];
  return (
    <>
      <PageHead title="Schedules" lead={schedules.value === null ? '' : String(rows.length)}>
        <ActButton
          method="schedule.create"
          tone="primary"
          onClick={() => setDoing({ kind: 'form', row: null })}
        >
          <Icon name="plus" size={14} /> New schedule…
        </ActButton>
      </PageHead>
      {error !== null && <Failure error={error} />}
      {schedules.error !== null && <Failure error={schedules.error} onRetry={schedules.reload} />}
      <section class="panel" aria-label="Schedules">
        {schedules.value === null && schedules.error === null && <Bones lines={3} />}
        {schedules.value?.length === 0 && (
          <Empty>
            <p>
              Nothing is scheduled. A schedule submits a task at its times, as the user who made it.
            </p>
          </Empty>
        )}
        {rows.length > 0 && (
          <ScheduleTable
            rows={rows}
            isBusy={busy !== null}
            onEdit={(row) => setDoing({ kind: 'form', row })}
            onDelete={(row) => setDoing({ kind: 'delete', row })}
            onPause={({ id, enabled }) =>
              void run('pause', () => call('schedule.update', [id, { enabled: !enabled }]))
            }
            onRun={({ id }) =>
              void run('run', async () =>
                go('tasks', String(await call<number>('schedule.run_now', [id]))),
              )
            }
          />
        )}
      </section>
      {doing?.kind === 'form' && (
        <ScheduleDialog
          row={doing.row}
          onClose={() => setDoing(null)}
          onDone={() => {
            setDoing(null);
            schedules.reload();
          }}
        />
      )}
      {doing?.kind === 'delete' && (
        <Confirm
          title={`Delete the schedule ${doing.row.name}?`}
          action="Delete the schedule"
          cancel="Keep it"
          onConfirm={async () => {
            await call('schedule.remove', [doing.row.id]);
            schedules.reload();
          }}
          onClose={() => setDoing(null)}
        >
          <p>A task that it has submitted goes on.</p>
        </Confirm>
      )}
    </>
  );
}

interface TableProps {
  readonly rows: readonly ScheduleRow[];
  readonly isBusy: boolean;
  readonly onEdit: (row: ScheduleRow) => void;
  readonly onDelete: (row: ScheduleRow) => void;
  readonly onPause: (row: ScheduleRow) => void;
  readonly onRun: (row: ScheduleRow) => void;
}

function ScheduleTable({ rows, isBusy, onEdit, onDelete, onPause, onRun }: TableProps) {
  const now = useNow();
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col" class="hide-narrow">
            When
          </th>
          <th scope="col">Next</th>
          <th scope="col" class="hide-narrow">
            Last
          </th>
          <th scope="col" class="hide-narrow">
            Owner
          </th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td>
              <div>{row.name}</div>
              <div class="mono small muted">{row.task}</div>
            </td>
            <td class="hide-narrow">
              <span class="mono">{row.cron}</span>
              <div class="small muted">{row.timezone}</div>
            </td>
            <td>
              {row.enabled ? (
                <Moment value={row.next_at} now={now} />
              ) : (
                <span class="tag">paused</span>
              )}
            </td>
            <td class="hide-narrow">
              <LastRun last={row.last} now={now} />
            </td>
            <td class="hide-narrow">{row.owner}</td>
            <td class="actions">
              <ActButton
                method="schedule.run_now"
                size="small"
                tone="quiet"
                label={`Run ${row.name} now`}
                isBusy={isBusy}
                onClick={() => onRun(row)}
              >
                Run now
              </ActButton>
              <ActButton
                method="schedule.update"
                size="small"
                tone="quiet"
                label={`${row.enabled ? 'Pause' : 'Go on with'} ${row.name}`}
                isBusy={isBusy}
                onClick={() => onPause(row)}
              >
                {row.enabled ? 'Pause' : 'Go on'}
              </ActButton>
              <ActButton
                method="schedule.update"
                size="small"
                tone="quiet"
                label={`Edit ${row.name}`}
                onClick={() => onEdit(row)}
              >
                Edit…
              </ActButton>
              <ActButton
                method="schedule.remove"
                size="small"
                tone="quiet"
                label={`Delete ${row.name}`}
                onClick={() => onDelete(row)}
              >
                Delete…
              </ActButton>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function LastRun({ last, now }: { readonly last: ScheduleRow['last']; readonly now: Date }) {
  if (last === null) return <span class="muted">never ran</span>;
  return (
    <>
      <div>
        {last.task_id === null ? (
          <span class="tag bad">{last.state.toLowerCase()}</span>
        ) : (
          <a href={linkTo('tasks', String(last.task_id))}>
            task {last.task_id}, {last.state.toLowerCase()}
          </a>
        )}
      </div>
      <div class="small">
        <Moment value={last.at} now={now} />
      </div>
      {last.error !== null && <div class="small">{last.error}</div>}
    </>
  );
}
