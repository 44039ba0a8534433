/**
 * The narrow face of this folder for other programs that have plugins of their own: finding them on the disk,
 * their code. Nothing of the host itself.
 */
export { bounded } from './bounded.js';
export { CompiledCode } from './code/compiled-code.js';
export { shareModule } from './code/host-modules.js';
export { PluginCode } from './code/plugin-code.js';
export { withinTime } from './code/within-time.js';
export { refuseEnding } from './code/without-ending.js';
export { type DiscoveredPlugin, discoverPlugins } from './plugin-discovery.js';
