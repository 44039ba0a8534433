import { OwnedTable } from '../common/index.js';
import type { SchemaRegistry } from '../schema/index.js';
import type { ServerEventTypes } from '../wire/index.js';
import type { EventRouter } from './event-router.js';
import type { EventType } from './event-type.js';
import type { Unwatch } from './interest.js';

/** Event types by name and owner, announced by `server.event.added` and `removed`. */
export class EventTypeTable extends OwnedTable<EventType> {
  readonly #unwatch = new Map<string, Unwatch>();
  #events: EventRouter | null = null;

  constructor() {
    super('Event type');
  }

  /** Where to announce from now on; the router needs the table before, to know what events look like. */
  announceBy(events: EventRouter): void {
    this.#events = events;
    for (const [name] of this.entries()) this.#watch(name);
  }

  /** Registers what the server itself publishes. */
  addCore(types: ServerEventTypes, schemas: SchemaRegistry, owner: string): void {
    for (const [name, { description, schema }] of Object.entries(types)) {
      // Not checked when published: an event of the server is not lost because its table is behind
      const shown = { schema: schemas.toJsonSchema(schema), validator: null };
      super.add(name, { owner, value: { description, ...shown, source: null } });
      this.#watch(name);
    }
  }

  override add(...[name, entry]: Parameters<OwnedTable<EventType>['add']>): void {
    super.add(name, entry);
    this.#watch(name);
    this.#events?.publish('server.event.added', { name });
  }

  override remove(name: string, owner: string): EventType {
    const type = super.remove(name, owner);
    this.#unwatch.get(name)?.();
    this.#unwatch.delete(name);
    this.#events?.publish('server.event.removed', { name });
    return type;
  }

  /** Keeps the count of each type up to date, so that discovery need not match masks to tell it. */
  #watch(name: string): void {
    if (this.#events !== null) this.#unwatch.set(name, this.#events.interest.watch(name, {}));
  }
}
