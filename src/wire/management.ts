import { h, type Infer } from '../sdk/index.js';

export const STATUS = h.object({
  'started-at': h.number({ description: 'Seconds since 1970, UTC' }),
  'connected-clients': h.integer(),
  'store-failure': h.nullable(
    h.string({ description: 'Why the datastore takes no changes at present' }),
  ),
});
export type ServerStatus = Infer<typeof STATUS>;

export const CONNECTED_CLIENT = h.object({
  session_id: h.nullable(h.integer()),
  user: h.nullable(String),
  address: h.string(),
  resource: h.nullable(String),
});
export type ConnectedClient = Infer<typeof CONNECTED_CLIENT>;

export const EVENT_SOURCE_ROW = h.object({
  name: h.string(),
  plugin: h.string(),
  state: h.enumOf(['idle', 'running', 'backing-off', 'ended', 'stopping', 'stopped']),
  events: h.record(Boolean, { description: 'Whether each is wanted' }),
  failures: h.integer({ description: 'How often its loop threw' }),
  error: h.nullable(String),
});

export const PLUGIN_ROW = h.object({
  name: h.string(),
  directory: h.string(),
  state: h.enumOf(['loaded', 'failed', 'skipped', 'unloaded']),
  stage: h.optional(String),
  error: h.optional(String),
  depends: h.array(String),
  metadata: Object,
});
