/**
 * Plugin directories: which files they make, of what, with which metadata and in which groups; and what of
 * them cannot be loaded. Reads them, and believes only what nobody else can write.
 */
export { inOrder } from './after.js';
export { type Catalog, EMPTY_CATALOG, groupsOf } from './catalog.js';
export { membersOf } from './groups.js';
export type { LoadedTarget } from './loaded-target.js';
export { type GroupRow, loadPlugins } from './load-plugins.js';
export { assertClosed } from './parse-metadata.js';
export { targetPath } from './target-path.js';
