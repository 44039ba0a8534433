import type { EVENT_SOURCE_ROW } from '../../../src/wire/index.js';
import { call } from '../../connection/session.js';
import { Gated } from '../../parts/gated.js';
import { type Column, LoadedTable } from '../../parts/loaded-table.js';
import { Empty } from '../../parts/states.js';
import { useWatched } from '../../parts/use-watched.js';
import { linkTo } from '../../state/router.js';
import type { Shown } from '../../state/shown.js';

type Source = Shown<typeof EVENT_SOURCE_ROW>;

const TONES: Readonly<Record<string, string>> = { running: 'good', 'backing-off': 'bad' };

const COLUMNS: readonly Column<Source>[] = [
  {
    head: 'Source',
    cell: ({ name, error }) => (
      <>
        <span class="mono">{name}</span>
        {error !== null && <div class="problem">{error}</div>}
      </>
    ),
  },
  { head: 'Plugin', isLeftOutNarrow: true, cell: ({ plugin }) => plugin },
  {
    head: 'State',
    cell: ({ state }) => <span class={`tag ${TONES[state] ?? ''}`}>{state}</span>,
  },
  {
    head: 'Failures',
    kind: 'number',
    isLeftOutNarrow: true,
    cell: ({ failures }) => failures,
  },
  {
    head: 'Events',
    cell: ({ events }) =>
      Object.entries(events).map(([name, isWanted]) => (
        <div key={name}>
          <a class="mono" href={linkTo('events', '', { masks: name })}>
            {name}
          </a>{' '}
          {isWanted ? (
            <span class="tag accent">wanted</span>
          ) : (
            <span class="muted small">nobody listens</span>
          )}
        </div>
      )),
  },
];

/** What publishes by itself, how its loops do, and whether anybody listens. */
export function EventSources() {
  return (
    <Gated method="management.get_event_source_states" what="The list of event sources">
      <Rows />
    </Gated>
  );
}

function Rows() {
  const sources = useWatched((stop) =>
    call<Source[]>('management.get_event_source_states', [], stop),
  );
  return (
    <LoadedTable
      label="Event sources"
      loaded={sources}
      columns={COLUMNS}
      keyOf={({ name }) => name}
      empty={
        <Empty>
          <p>
            No plugin has an event source. One that declares one with{' '}
            <span class="mono">@eventSource</span> appears here.
          </p>
        </Empty>
      }
    />
  );
}
