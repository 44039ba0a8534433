/**
 * What happens in the system and who wants to know: the router, event types, event sources. Knows
 * nothing of connections; the gateway adds a sink for each.
 */
export { assertForeign, type EventSink, EventRouter } from './event-router.js';
export { EventMetrics } from './event-metrics.js';
export { EventSourceTable } from './event-source-table.js';
export { EventTypeTable } from './event-type-table.js';
export type { EventSourceRegistration, EventType } from './event-type.js';
export { type InterestWatcher, type Unwatch } from './interest.js';
export { type Clock, systemClock } from './clock.js';
export { SupervisedSource, type SupervisionPorts } from './supervised-source.js';
