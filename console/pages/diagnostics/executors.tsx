import type { EXECUTOR_ROW } from '../../../src/wire/index.js';
import { call } from '../../connection/session.js';
import { Gated } from '../../parts/gated.js';
import { type Column, LoadedTable } from '../../parts/loaded-table.js';
import { Empty } from '../../parts/states.js';
import { useWatched } from '../../parts/use-watched.js';
import { linkTo } from '../../state/router.js';
import type { Shown } from '../../state/shown.js';

type Executor = Shown<typeof EXECUTOR_ROW>;

const TONES = { starting: 'warn', idle: '', executing: 'busy', ending: 'warn' } as const;

const COLUMNS: readonly Column<Executor>[] = [
  { head: '#', kind: 'mono', cell: ({ index }) => index },
  { head: 'State', cell: ({ state }) => <span class={`tag ${TONES[state]}`}>{state}</span> },
  {
    head: 'Process',
    kind: 'mono',
    cell: ({ pid }) => pid ?? <span class="muted">–</span>,
  },
  {
    head: 'Task',
    cell: ({ task }) =>
      task === null ? (
        <span class="muted">–</span>
      ) : (
        <a href={linkTo('tasks', String(task))}>task {task}</a>
      ),
  },
];

/** The processes that isolated tasks run in. */
export function Executors() {
  return (
    <Gated method="task.list_executors" what="The list of executors">
      <Rows />
    </Gated>
  );
}

function Rows() {
  const executors = useWatched((stop) => call<Executor[]>('task.list_executors', [], stop));
  return (
    <LoadedTable
      label="Executors"
      loaded={executors}
      columns={COLUMNS}
      keyOf={({ index }) => index}
      empty={
        <Empty>
          <p>
            No executor runs. One is started when an isolated task comes, and ends when none has
            come for a while; inline tasks run in the server itself.
          </p>
        </Empty>
      }
    />
  );
}
