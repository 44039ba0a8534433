import type { Provider as NestProvider } from '@nestjs/common';
import type { OwnedTable } from '../common/index.js';
import type { Clock, EventRouter, EventSourceRegistration, EventType } from '../events/index.js';
import type { CallPipeline, ServiceRegistry } from '../rpc/index.js';
import type { SchemaRegistry } from '../schema/index.js';
import type { ConfigStore, Datastore, Logger } from '../sdk/index.js';
import type {
  ResourceGraph,
  TaskSubmitter,
  TaskHandlerTable,
  TaskHookTable,
} from '../tasks/index.js';
import type { DebugHookTable } from './debug-hook-table.js';
import type { HookTable } from './hook-table.js';
import type { PluginDirectory } from './plugin-discovery.js';

/** The parts of the server that plugins register with and call. */
export interface PluginHostDependencies {
  readonly services: ServiceRegistry;
  readonly schemas: SchemaRegistry;
  readonly events: EventRouter;
  readonly eventTypes: OwnedTable<EventType>;
  readonly eventSources: OwnedTable<EventSourceRegistration>;
  readonly tasks: TaskHandlerTable;
  readonly taskSubmitter: TaskSubmitter;
  readonly taskHooks: TaskHookTable;
  readonly resources: ResourceGraph;
  readonly hooks: HookTable;
  readonly debugHooks: DebugHookTable;
  /** What tasks that run in the server are given to store things in. */
  readonly stores: { readonly datastore: Datastore; readonly configstore: ConfigStore };
  readonly pipeline: CallPipeline;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** A log of its own for each plugin, marked with its name. */
  readonly createLogger: (name: string) => Logger;
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
  /**
   * Further things that every plugin's classes may have injected. Nest calls the lifecycle hooks of
   * an object given as `useValue` whenever a plugin comes or goes: give one that has none.
   */
  readonly extraProviders?: readonly NestProvider[];
}

export type PluginHostSettings = Required<PluginHostOptions>;

export function withDefaults(options: PluginHostOptions): PluginHostSettings {
  return {
    drainTimeoutMs: 5_000,
    initTimeoutMs: 30_000,
    cleanupTimeoutMs: 10_000,
    codeFolder: null,
    extraProviders: [],
    ...options,
  };
}
