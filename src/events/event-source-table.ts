import { OwnedTable } from '../common/index.js';
import type { EventSourceRegistration } from './event-type.js';

/** The sources that publish events, by the name of their event. */
export class EventSourceTable extends OwnedTable<EventSourceRegistration> {
  constructor() {
    super('Event source');
  }
}
