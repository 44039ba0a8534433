/**
 * What happens in the system and who wants to know: the router, the journal, event types, event sources. Knows
 * nothing of connections; the gateway adds a sink for each.
 */
export {
  EventJournal,
  type JournalLimits,
  type PublishedEvent,
  type Replay,
} from './event-journal.js';
export {
  assertForeign,
  type EventSink,
  EventRouter,
  type EventRouterDependencies,
} from './event-router.js';
export type { EventSourceRegistration, EventType } from './event-type.js';
export { Interest, type InterestWatcher, type Unwatch } from './interest.js';
