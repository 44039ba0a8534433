import { Segments } from '../parts/segments.js';
import { PageHead } from '../parts/states.js';
import { go, route } from '../state/router.js';
import { DebugArchive } from './diagnostics/debug-archive.js';
import { EventSources } from './diagnostics/event-sources.js';
import { Executors } from './diagnostics/executors.js';
import { NamedLocks } from './diagnostics/named-locks.js';

const PARTS = [
  { id: 'executors', label: 'Executors' },
  { id: 'locks', label: 'Locks' },
  { id: 'sources', label: 'Event sources' },
  { id: 'archive', label: 'Archive' },
] as const;
const VIEWS = {
  executors: Executors,
  locks: NamedLocks,
  sources: EventSources,
  archive: DebugArchive,
} as const;

/** How the inside of the server does: what one looks at when something hangs. */
export function Diagnostics() {
  const part = PARTS.find(({ id }) => id === route.value.item)?.id ?? 'executors';
  const View = VIEWS[part];
  return (
    <div class="page">
      <div class="content">
        <PageHead title="Diagnostics">
          <Segments
            label="What to look at"
            options={PARTS}
            value={part}
            onChange={(id) => go('diagnostics', id)}
          />
        </PageHead>
        <View />
      </div>
    </div>
  );
}
