import type { ServiceOwner } from '../rpc/index.js';
import type { PluginRow } from '../wire/index.js';
import type { DiscoveredPlugin, DuplicatePlugin } from './plugin-discovery.js';
import type { PluginStage } from './plugin-failure.js';
import type { Dependency } from './plugin-version.js';
import type { PluginGeneration } from './plugin-generation.js';

/** Why code that lies on the disk does not run. */
export type NotRunning =
  | { readonly state: 'failed'; readonly stage: PluginStage; readonly error: string }
  | { readonly state: 'skipped'; readonly error: string };

/** What became of a plugin. Holds no error object: its stack would keep an old generation alive. */
type PluginStatus =
  | {
      readonly state: 'loaded';
      readonly generation: PluginGeneration;
      /** Why the code that a reload read in the meantime did not take over. */
      readonly refused?: NotRunning;
    }
  | NotRunning
  | { readonly state: 'unloaded' }
  /** Somebody has disabled it. */
  | { readonly state: 'disabled' };

/** A plugin that the host knows, through all its generations. */
export interface PluginRecord {
  readonly owner: ServiceOwner;
  plugin: DiscoveredPlugin;
  depends: readonly string[];
  /** The same with the versions that are wanted. */
  dependencies: readonly Dependency[];
  version: string | null;
  metadata: Readonly<Record<string, unknown>>;
  /** Names of the services that its classes offer, as far as its code could be read. */
  services: readonly string[];
  status: PluginStatus;
}

export function rowOf(record: PluginRecord): PluginRow {
  const { plugin, depends, metadata, status } = record;
  const obstacle = obstacleOf(record);
  return {
    name: plugin.name,
    directory: plugin.directory,
    state: status.state,
    ...(obstacle !== null && { stage: stageOf(obstacle), error: obstacle.error }),
    depends: [...depends],
    metadata: { ...metadata },
  };
}

/** Why the plugin's latest code does not run; null when it does, or when there is none. */
export function obstacleOf({ status }: PluginRecord): NotRunning | null {
  if (status.state === 'loaded') return status.refused ?? null;
  return status.state === 'unloaded' || status.state === 'disabled' ? null : status;
}

export function stageOf(obstacle: NotRunning): PluginStage {
  return obstacle.state === 'failed' ? obstacle.stage : 'dependencies';
}

export function rowOfDuplicate({ name, directory, error }: DuplicatePlugin): PluginRow {
  return { name, directory, state: 'failed', stage: 'discovery', error, depends: [], metadata: {} };
}
