import type { GraphChange } from './graph-change.js';
import type { ResourceNode } from './resource-node.js';

/** Whoever keeps locks on the graph's nodes: asked before a change and told of it. */
export interface GraphGuard {
  /** @throws RpcException EBUSY when running tasks would come to share a node they must not share */
  check(change: GraphChange): void;
  /** Called before a change that will be made; the returned function is called after it. */
  follow(change: GraphChange): () => void;
  /** A name that was free now stands for `node`. */
  named(node: ResourceNode): void;
  /** True while a running task has the node or anything below it locked. */
  isHeld(node: ResourceNode): boolean;
  /** A change is complete: tasks that waited may start. */
  settle(): void;
}

/** Nobody holds anything. */
export const NO_GUARD: GraphGuard = {
  check: () => undefined,
  follow: () => () => undefined,
  named: () => undefined,
  isHeld: () => false,
  settle: () => undefined,
};
