import { h } from './builder/index.js';
import type { Data } from './data.js';

// Discovery answers with documents, and publishes no more of them than that they are objects; what is
// in them is here, and a test holds the answers to it.

/** A method of a service, as `discovery.get_methods` describes it. */
export const METHOD = h.object({
  name: h.string(),
  description: h.nullable(String),
  private: h.boolean(),
  unauthenticated: h.boolean(),
  generator: h.boolean(),
  deprecated: h.nullable(h.string({ description: 'What to use instead' })),
  roles: h.array(String),
  parameters: h.nullable(h.array(String, { description: 'Names for calls that pass an object' })),
  'params-schema': h.optional(
    h.object({
      type: h.enumOf(['array']),
      items: h.array(Object),
      minItems: h.optional(h.integer({ description: 'Arguments from there on may be left out' })),
    }),
  ),
  'result-schema': h.optional(Object),
});
export type MethodDescription = Data<typeof METHOD>;

/** A task class, as `discovery.get_tasks` describes it. */
export const TASK_CLASS = h.object({
  description: h.nullable(String),
  schema: h.nullable(h.array(Object)),
  required: h.integer({ description: 'How many arguments must be given' }),
  abortable: h.boolean(),
  private: h.boolean(),
  metadata: Object,
});
export type TaskClassRow = Data<typeof TASK_CLASS>;

/** An event type, as `discovery.get_event_types` describes it. */
export const EVENT_TYPE = h.object({
  refcount: h.integer({ description: 'How many (subscriber, mask) pairs match the event' }),
  description: h.nullable(String),
  event_schema: h.nullable(Object),
  source: h.nullable(String),
});
export type EventTypeRow = Data<typeof EVENT_TYPE>;

/** What a set of roles opens, as `discovery.get_rights` says: the judge of calls asked about all that there is. */
export const RIGHTS = h.object({
  roles: h.array(String),
  methods: h.array(String, { description: 'That may be called' }),
  tasks: h.array(String, { description: 'Classes that may be submitted' }),
  events: h.array(String, { description: 'Registered types that may be published' }),
});
export type RightsReport = Data<typeof RIGHTS>;
