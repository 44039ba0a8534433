import { CopyButton } from '../../parts/copy-button.js';
import { Icon } from '../../parts/icon.js';
import { JsonTree } from '../../parts/json-tree.js';
import { SchemaView } from '../../parts/schema-view.js';
import { eventTypes } from '../../state/registry.js';
import { linkTo } from '../../state/router.js';
import type { SeenEvent } from './seen-event.js';

/** One event, and what its type promises. */
export function EventDetail({
  event,
  onClose,
}: {
  readonly event: SeenEvent;
  readonly onClose: () => void;
}) {
  const type = eventTypes.value.find(({ name }) => name === event.name);
  return (
    <section
      class="panel opened"
      aria-label="Opened event"
      onKeyDown={({ key }) => key === 'Escape' && onClose()}
    >
      <header>
        <h2 class="mono">{event.name}</h2>
        <span class="muted small">{event.at.toISOString()}</span>
        <span class="row end">
          {event.cause !== null && (
            <a class="button quiet small" href={linkTo('cause', event.cause)}>
              What it came of
            </a>
          )}
          <CopyButton
            label="Copy"
            text={() => JSON.stringify({ name: event.name, args: event.args }, null, 2)}
          />
          <button
            type="button"
            class="button quiet icon small"
            aria-label="Close"
            onClick={onClose}
          >
            <Icon name="close" size={14} />
          </button>
        </span>
      </header>
      <div class="body pair">
        <JsonTree value={event.args} open={4} />
        <div class="stack tight">
          {type === undefined && (
            <p class="muted">
              No type of this name is registered; the event was delivered all the same.
            </p>
          )}
          {type?.description && <p>{type.description}</p>}
          {type?.event_schema && <SchemaView schema={type.event_schema} />}
        </div>
      </div>
    </section>
  );
}
