/**
 * Which files are generated, when, of what, and one generation after the other: between what is asked for and
 * changes, and rendering and the disk.
 */
export { Follower } from './follower.js';
export { Generator, type PlanOptions } from './generator.js';
export { PluginLoader } from './plugin-loader.js';
export { assertDone } from './reports.js';
