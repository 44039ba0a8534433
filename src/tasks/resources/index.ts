/**
 * What tasks lock: the graph of resources and its dominator tree. Knows nothing of tasks; the
 * scheduler guards it.
 */
export { dominates, topsOf } from './dominators.js';
export type { Edge, GraphChange } from './graph-change.js';
export type { GraphGuard } from './graph-guard.js';
export { connectingPath } from './graph-paths.js';
export {
  type RegisteredResource,
  ResourceGraph,
  type ResourcePlacement,
  type ResourceRegistration,
  type ResourceScope,
} from './resource-graph.js';
export type { ResourceNode } from './resource-node.js';
