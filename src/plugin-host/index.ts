/**
 * Brings plugins to life and takes them away: discovery, dependency order, code that can be read
 * again, a Nest context for each, everything they register. The composition root makes one
 * {@link PluginHost}; `management` lists and reloads through it. It knows nothing of connections,
 * and it runs neither tasks nor event sources: it enters them into tables for those who do.
 */
export { pluginDirectories } from './plugin-directories.js';
export { DebugHookTable } from './debug-hook-table.js';
export { HookTable } from './hook-table.js';
export type { Construct } from './construct.js';
export { PluginMetrics } from './plugin-metrics.js';
export { PluginHost } from './plugin-host.js';
export { HOST_PROVIDERS, type PluginHostOptions } from './plugin-host.dependencies.js';
