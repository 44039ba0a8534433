/**
 * The plugins of the shell: from the files to commands in the tree, stages and hooks; what runs them, and what
 * keeps their mistakes from the rest. Loads nothing before it is needed.
 */
export { inside, outside } from './inside.js';
export type { PluginCommand, PluginStage } from './loaded-plugin.js';
export { PluginSet } from './plugin-set.js';
export { queryClientOf } from './query-client.js';
