import { h, type SchemaArg } from './builder/index.js';

/** What the server publishes itself, by name. */
export type ServerEventTypes = Readonly<
  Record<string, { readonly description: string; readonly schema: SchemaArg }>
>;

const text = h.string();
const name = h.object({ name: text });
const sentence = h.string({ description: 'A sentence for people' });
const told = h.object({ description: sentence });
const client = h.object({ address: text, description: sentence });
const login = h.object({ address: text, username: h.nullable(String), description: sentence });
const serviceLogin = h.object({ address: text, name: h.nullable(String), description: sentence });
const apiKey = h.object({
  id: text,
  name: text,
  username: text,
  by: h.nullable(String),
  description: sentence,
});
const service = h.object({ address: text, 'service-name': text, description: sentence });

/**
 * The events that the server itself publishes, as discovery shows them. `timestamp` is not named:
 * the server adds it to every event. Tasks bring theirs along.
 */
export const SERVER_EVENT_TYPES = {
  'server.ready': { description: 'All plugins were tried and clients are served', schema: told },
  'server.shutdown': { description: 'The server begins to end', schema: told },
  'server.client_connected': { description: 'A client connected', schema: client },
  'server.client_disconnected': { description: 'A client is gone', schema: client },
  'server.client_stalled': {
    description: 'A client did not read what it was sent and was disconnected',
    schema: h.object({ address: text, frames: h.integer(), description: sentence }),
  },
  'server.client_login': { description: 'A user logged in', schema: login },
  'server.client_logout': { description: 'The login of a user ended', schema: login },
  'server.service_login': { description: 'A service logged in', schema: serviceLogin },
  'server.service_logout': { description: 'The login of a service ended', schema: serviceLogin },
  'account.api_key_created': {
    description: 'An API key was made; told to its owner and to admin',
    schema: apiKey,
  },
  'account.api_key_revoked': {
    description: 'An API key was revoked; told to its owner and to admin',
    schema: apiKey,
  },
  'server.stalled': {
    description: 'The event loop was held up for so long that every client noticed',
    schema: h.object({
      duration: h.number({ description: 'Seconds' }),
      plugin: h.nullable(String),
      method: h.nullable(h.string({ description: 'Class and function whose code it was' })),
      location: h.nullable(h.string({ description: 'File and line' })),
      description: sentence,
    }),
  },
  'server.event.added': { description: 'An event type was registered', schema: name },
  'server.event.removed': { description: 'An event type was taken back', schema: name },
  'server.schema_document_changed': {
    description: 'A schema definition came, went or changed',
    schema: h.object({ hash: h.string({ description: 'As of discovery.get_schema_hash' }) }),
  },
  'server.plugin.loaded': { description: 'The code of a plugin was read', schema: name },
  'server.plugin.initialized': { description: 'A plugin runs', schema: name },
  'server.plugin.load_error': {
    description: 'A plugin could not be loaded',
    schema: h.object({ name: text, stage: text, message: text }),
  },
  'plugin.event_source_failed': {
    description: 'The loop of an event source threw and is begun again after a pause',
    schema: h.object({
      name: text,
      plugin: text,
      error: h.string({ description: 'What it said' }),
      restart_in: h.number({ description: 'Seconds' }),
    }),
  },
  'plugin.service_registered': { description: 'An external service came', schema: service },
  'plugin.service_unregistered': { description: 'An external service went', schema: service },
  'plugin.service_resume': { description: 'An external service takes calls', schema: name },
  'datastore.changed': {
    description: 'Rows were written, by whomever; told to services only',
    schema: h.object({
      collection: text,
      operation: h.enumOf(['create', 'update', 'delete']),
      ids: h.nullable(
        h.array(h.anyOf(String, h.integer()), { description: 'Null: it may be any of them' }),
      ),
    }),
  },
  'schedule.changed': {
    description: 'Schedules were made, changed or removed, or ran',
    schema: h.object({
      operation: h.enumOf(['create', 'update', 'delete']),
      ids: h.array(h.integer()),
    }),
  },
  'schedule.missed': {
    description: 'A time of a schedule passed and its task was not submitted',
    schema: h.object({
      id: h.integer(),
      name: text,
      due_at: h.datetime(),
      reason: h.enumOf(['down', 'overlap'], {
        description: 'The server did not run, or the last run still went on',
      }),
    }),
  },
  'settings.changed': {
    description:
      'Settings were set or reset; services are told of every key of the configuration store',
    schema: h.object({ keys: h.array(String) }),
  },
  'session.changed': {
    description: 'Sessions began or ended',
    schema: h.object({
      operation: h.enumOf(['create', 'update', 'delete']),
      ids: h.array(h.integer()),
    }),
  },
  'session.message': {
    description: 'Somebody sent a message to this session; only its own connection gets it',
    schema: h.object({
      sender_id: h.nullable(h.integer()),
      sender_name: h.nullable(String),
      message: text,
    }),
  },
} satisfies ServerEventTypes;
