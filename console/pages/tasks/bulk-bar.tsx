import { useState } from 'preact/hooks';
import { call } from '../../connection/session.js';
import { ActButton } from '../../parts/act-button.js';
import { Confirm } from '../../parts/confirm.js';
import { ENDED, type TaskRow } from '../../state/tasks.js';

interface BulkBarProps {
  readonly rows: readonly TaskRow[];
  readonly onDone: () => void;
}

/** What is done with the tasks that are ticked. */
export function BulkBar({ rows, onDone }: BulkBarProps) {
  const [asked, setAsked] = useState<'abort' | 'again' | null>(null);
  const running = rows.filter(({ state }) => !ENDED.has(state));
  const ended = rows.filter(({ state }) => ENDED.has(state));
  if (rows.length === 0) return null;
  return (
    <div class="row wrap" role="group" aria-label="Ticked tasks">
      <span class="muted" role="status">
        {rows.length} ticked
      </span>
      {running.length > 0 && (
        <ActButton method="task.abort" tone="danger" size="small" onClick={() => setAsked('abort')}>
          Abort {running.length}…
        </ActButton>
      )}
      {ended.length > 0 && (
        <ActButton method="task.submit" size="small" onClick={() => setAsked('again')}>
          Submit {ended.length} again…
        </ActButton>
      )}
      <button type="button" class="button quiet small" onClick={onDone}>
        Tick none
      </button>
      {asked === 'abort' && (
        <Confirm
          title={`Abort ${running.length} tasks?`}
          action="Abort them"
          cancel="Let them go on"
          onConfirm={async () => {
            await each(running, ({ id }) => call('task.abort', [id]));
            onDone();
          }}
          onClose={() => setAsked(null)}
        >
          <Names rows={running} />
        </Confirm>
      )}
      {asked === 'again' && (
        <Confirm
          title={`Submit ${ended.length} tasks again?`}
          action="Submit them"
          cancel="Leave them"
          onConfirm={async () => {
            await each(ended, ({ name, args }) => call('task.submit', [name, args]));
            onDone();
          }}
          onClose={() => setAsked(null)}
        >
          <Names rows={ended} />
        </Confirm>
      )}
    </div>
  );
}

const SHOWN = 8;

function Names({ rows }: { readonly rows: readonly TaskRow[] }) {
  return (
    <ul class="mono small">
      {rows.slice(0, SHOWN).map(({ id, name }) => (
        <li key={id}>
          {id} {name}
        </li>
      ))}
      {rows.length > SHOWN && <li>and {rows.length - SHOWN} more</li>}
    </ul>
  );
}

/** One after the other; what fails does not keep the others, and is told at the end. */
async function each(
  rows: readonly TaskRow[],
  work: (row: TaskRow) => Promise<unknown>,
): Promise<void> {
  const failures: string[] = [];
  for (const row of rows) {
    try {
      await work(row);
    } catch (error) {
      failures.push(`${row.id}: ${(error as Error).message}`);
    }
  }
  if (failures.length > 0) throw new Error(`${failures.length} failed. ${failures.join('; ')}`);
}
