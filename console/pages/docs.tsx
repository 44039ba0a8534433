import { Segments } from '../parts/segments.js';
import { PageHead } from '../parts/states.js';
import { go, route } from '../state/router.js';
import { Documents } from './docs/documents.js';
import { Reference } from './docs/reference.js';

const PARTS = [
  { id: 'documents', label: 'Documents' },
  { id: 'methods', label: 'Methods' },
  { id: 'events', label: 'Events' },
] as const;
type Part = (typeof PARTS)[number]['id'];

/** What the server says of itself: to read here, and for tools. */
export function Docs() {
  const part: Part = PARTS.find(({ id }) => id === route.value.item)?.id ?? 'documents';
  return (
    <div class="page">
      <div class="content">
        <PageHead title="Docs">
          <Segments
            label="What to read"
            options={PARTS}
            value={part}
            onChange={(id) => go('docs', id)}
          />
        </PageHead>
        {part === 'documents' && <Documents />}
        {part === 'methods' && <Reference path="/openrpc.json" />}
        {part === 'events' && <Reference key="events" path="/asyncapi.json" />}
      </div>
    </div>
  );
}
