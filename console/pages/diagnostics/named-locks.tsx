import type { LOCK_ROW } from '../../../src/wire/index.js';
import { call } from '../../connection/session.js';
import { addressText } from '../../parts/address.js';
import { Gated } from '../../parts/gated.js';
import { type Column, LoadedTable } from '../../parts/loaded-table.js';
import { Empty } from '../../parts/states.js';
import { useWatched } from '../../parts/use-watched.js';
import type { Shown } from '../../state/shown.js';

type Lock = Shown<typeof LOCK_ROW>;

/** Names of waiters that stand in a row; the others are counted. */
const SHOWN = 5;

const COLUMNS: readonly Column<Lock>[] = [
  { head: 'Lock', kind: 'mono', cell: ({ name }) => name },
  {
    head: 'Held by',
    kind: 'mono',
    cell: ({ holder }) => (holder === null ? <span class="tag">free</span> : addressText(holder)),
  },
  { head: 'Waiting', cell: ({ waiters }) => <Waiters waiters={waiters} /> },
];

function Waiters({ waiters }: Pick<Lock, 'waiters'>) {
  if (waiters.length === 0) return <span class="muted">nobody</span>;
  const rest = waiters.length - SHOWN;
  return (
    <>
      <span class="tag warn">{waiters.length}</span>{' '}
      <span class="mono small">
        {waiters.slice(0, SHOWN).map(addressText).join(', ')}
        {rest > 0 && ` and ${rest} more`}
      </span>
    </>
  );
}

/** Locks that plugins and clients take by name; what tasks lock is on the page of resources. */
export function NamedLocks() {
  return (
    <Gated method="lock.get_locks" what="The list of named locks">
      <Rows />
    </Gated>
  );
}

function Rows() {
  const locks = useWatched((stop) => call<Lock[]>('lock.get_locks', [], stop));
  return (
    <LoadedTable
      label="Named locks"
      loaded={locks}
      columns={COLUMNS}
      keyOf={({ name }) => name}
      empty={
        <Empty>
          <p>
            No lock is known. Plugins and clients make them with <span class="mono">lock.init</span>
            ; what tasks lock is under Resources.
          </p>
        </Empty>
      }
    />
  );
}
