import { Inject, Injectable, type Provider as NestProvider } from '@nestjs/common';
import {
  type Clock,
  EventRouter,
  EventSourceTable,
  EventTypeTable,
  systemClock,
} from '../events/index.js';
import { LogRoot } from '../logging/index.js';
import { CallPipeline, ServiceRegistry } from '../rpc/index.js';
import { SchemaRegistry } from '../schema/index.js';
import { ConfigStore, Datastore, type Logger } from '../sdk/index.js';
import {
  ResourceGraph,
  TaskHandlerTable,
  TaskHookTable,
  TaskSeat,
  type TaskSubmitter,
} from '../tasks/index.js';
import { SettingsRegistry } from '../settings/index.js';
import { DebugHookTable } from './debug-hook-table.js';
import { HookTable } from './hook-table.js';
import type { DisabledPluginsStore } from './disabled-plugins.js';
import type { PluginDirectory } from './plugin-discovery.js';

/** Injection token of {@link PluginHostOptions}. */
export const PLUGIN_HOST_OPTIONS = Symbol('options of the plugin host');
/** Injection token of what the host application offers to the classes of plugins. */
export const HOST_PROVIDERS = Symbol('what the host application offers to plugins');

/** The parts of the server that plugins register with and call. */
@Injectable()
export class PluginHostDependencies {
  readonly clock: Clock = systemClock;
  /** From 0 up to 1. */
  readonly random: () => number = Math.random;
  /** What tasks that run in the server are given to store things in. */
  readonly stores: { readonly datastore: Datastore; readonly configstore: ConfigStore };
  /** A log of its own for each plugin, marked with its name. */
  readonly createLogger: (name: string) => Logger;

  constructor(
    readonly services: ServiceRegistry,
    readonly schemas: SchemaRegistry,
    readonly events: EventRouter,
    readonly eventTypes: EventTypeTable,
    readonly eventSources: EventSourceTable,
    readonly tasks: TaskHandlerTable,
    @Inject(TaskSeat) readonly taskSubmitter: TaskSubmitter,
    readonly taskHooks: TaskHookTable,
    readonly resources: ResourceGraph,
    readonly hooks: HookTable,
    readonly debugHooks: DebugHookTable,
    readonly pipeline: CallPipeline,
    readonly settings: SettingsRegistry,
    datastore: Datastore,
    configstore: ConfigStore,
    log: LogRoot,
  ) {
    this.stores = { datastore, configstore };
    this.createLogger = (plugin) => log.create({ component: 'plugin', plugin });
  }
}

export interface PluginHostOptions {
  /** In the order in which names are given away. */
  readonly directories: readonly PluginDirectory[];
  /** How long unloading waits for the calls that run in the plugin's code; 5,000. */
  readonly drainTimeoutMs?: number;
  /** How long construction and `init` may take, each; 30,000. */
  readonly initTimeoutMs?: number;
  /** How long `cleanup` and Nest's closing hooks may take, each; 10,000. */
  readonly cleanupTimeoutMs?: number;
  /** Where compiled code is kept from one start to the next; null, the default: nowhere. */
  readonly codeFolder?: string | null;
  /** Where it is kept which plugins are disabled; null, the default: nowhere. */
  readonly disabledPlugins?: DisabledPluginsStore | null;
  /** Whether the loops of event sources run; true. False where plugins are loaded only to be looked at. */
  readonly runsEventSources?: boolean;
  /**
   * Further things that every plugin's classes may have injected. Nest calls the lifecycle hooks of
   * an object given as `useValue` whenever a plugin comes or goes: give one that has none.
   */
  readonly extraProviders?: readonly NestProvider[];
  /** What `dispatcher.plugins` says, by the names of plugins. */
  readonly pluginOptions?: Readonly<Record<string, object>>;
  /** The version of the server; 0.0.0. */
  readonly serverVersion?: string;
  /** What the host application lends, in the same way. Processes of their own have nothing of it. */
  readonly hostProviders?: readonly NestProvider[];
}

export type PluginHostSettings = Required<PluginHostOptions>;

export function withDefaults(options: PluginHostOptions): PluginHostSettings {
  return {
    drainTimeoutMs: 5_000,
    initTimeoutMs: 30_000,
    cleanupTimeoutMs: 10_000,
    codeFolder: null,
    disabledPlugins: null,
    runsEventSources: true,
    extraProviders: [],
    hostProviders: [],
    pluginOptions: {},
    serverVersion: '0.0.0',
    ...options,
  };
}
