import type { ServiceOwner } from '../rpc/index.js';
import type { DiscoveredPlugin, DuplicatePlugin } from './plugin-discovery.js';
import type { PluginStage } from './plugin-failure.js';
import type { PluginGeneration } from './plugin-generation.js';

/** What became of a plugin. Holds no error object: its stack would keep an old generation alive. */
export type PluginStatus =
  | { readonly state: 'loaded'; readonly generation: PluginGeneration }
  | { readonly state: 'failed'; readonly stage: PluginStage; readonly error: string }
  | { readonly state: 'skipped'; readonly error: string }
  | { readonly state: 'unloaded' };

/** A plugin that the host knows, through all its generations. */
export interface PluginRecord {
  readonly owner: ServiceOwner;
  plugin: DiscoveredPlugin;
  depends: readonly string[];
  metadata: Readonly<Record<string, unknown>>;
  status: PluginStatus;
}

/** One row of `management.get_plugins`. */
export interface PluginRow {
  readonly name: string;
  readonly directory: string;
  readonly state: PluginStatus['state'];
  readonly stage?: PluginStage;
  readonly error?: string;
  readonly depends: string[];
  readonly metadata: Record<string, unknown>;
}

export function rowOf({ plugin, depends, metadata, status }: PluginRecord): PluginRow {
  return {
    name: plugin.name,
    directory: plugin.directory,
    state: status.state,
    ...(status.state === 'failed' && { stage: status.stage, error: status.error }),
    ...(status.state === 'skipped' && { stage: 'dependencies', error: status.error }),
    depends: [...depends],
    metadata: { ...metadata },
  };
}

export function rowOfDuplicate({ name, directory, error }: DuplicatePlugin): PluginRow {
  return { name, directory, state: 'failed', stage: 'discovery', error, depends: [], metadata: {} };
}
