import { h } from './builder/index.js';
import type { Data } from './data.js';

/** What `management.status` says. */
export const STATUS = h.object({
  'started-at': h.number({ description: 'Seconds since 1970, UTC' }),
  'connected-clients': h.integer(),
  'store-failure': h.nullable(
    h.string({ description: 'Why the datastore takes no changes at present' }),
  ),
});
export type ServerStatus = Data<typeof STATUS>;

/** A connection, as `management.get_connected_clients` shows it; without a user nobody is logged in. */
export const CONNECTED_CLIENT = h.object({
  session_id: h.nullable(h.integer()),
  user: h.nullable(String),
  address: h.string(),
  resource: h.nullable(String),
});
export type ConnectedClient = Data<typeof CONNECTED_CLIENT>;

/** An event source: how its loop does, and which of its events somebody wants. */
export const EVENT_SOURCE_ROW = h.object({
  name: h.string(),
  plugin: h.string(),
  state: h.enumOf(['idle', 'running', 'backing-off', 'ended', 'stopping', 'stopped']),
  events: h.record(Boolean, { description: 'Whether each is wanted' }),
  failures: h.integer({ description: 'How often its loop threw' }),
  error: h.nullable(String),
});
export type EventSourceRow = Data<typeof EVENT_SOURCE_ROW>;

/**
 * A plugin. With state `loaded`, `stage` and `error` tell why the newer code on the disk did not take
 * over.
 */
export const PLUGIN_ROW = h.object({
  name: h.string(),
  directory: h.string(),
  state: h.enumOf(['loaded', 'failed', 'skipped', 'unloaded', 'disabled']),
  stage: h.optional(String),
  error: h.optional(String),
  settings: h.optional(
    h.array(String, { description: 'Stored settings that do not fit, whose defaults are used' }),
  ),
  depends: h.array(String),
  metadata: Object,
});
export type PluginRow = Data<typeof PLUGIN_ROW>;

/** Which server this is: what a person wants to see before pressing anything. */
export const ABOUT = h.object({
  version: h.string(),
  host: h.string({ description: 'Name of the machine' }),
  node: h.string({ description: 'Version of Node.js' }),
  platform: h.string({ description: 'Operating system and architecture' }),
  pid: h.integer(),
  store: h.string({ description: 'Kind and place of the datastore, without secrets' }),
  'started-at': h.number({ description: 'Seconds since 1970, UTC' }),
  addresses: h.array(String, { description: 'Where clients connect' }),
  'http-calls': h.boolean({ description: 'Whether calls are taken over plain HTTP, too' }),
});
export type ServerAbout = Data<typeof ABOUT>;

/** Figures of one moment; of what is counted, all since the start. */
export const FIGURES = h.object({
  at: h.datetime(),
  calls: h.number({ description: 'Calls since the start' }),
  events: h.number({ description: 'Published events since the start' }),
  connections: h.number(),
  memory: h.number({ description: 'Resident memory in bytes' }),
});
export type Figures = Data<typeof FIGURES>;
