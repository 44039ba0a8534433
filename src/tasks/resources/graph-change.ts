import { regionBelow } from './graph-paths.js';
import type { ResourceNode } from './resource-node.js';

/** From a resource to one that depends on it. */
export interface Edge {
  readonly parent: ResourceNode;
  readonly child: ResourceNode;
}

/** A change of the graph that has passed the graph's own rules and is about to be made. */
export interface GraphChange {
  /** The node that is registered, moved or removed. */
  readonly node: ResourceNode;
  readonly newParents: readonly ResourceNode[];
  readonly newChildren: readonly ResourceNode[];
  /** Edges that will not be there afterwards between a node and one that stays. */
  readonly lostEdges: readonly Edge[];
  readonly gone: ReadonlySet<ResourceNode>;
  /** Everything whose ancestors may change. */
  readonly region: ReadonlySet<ResourceNode>;
}

export interface Placement {
  readonly parents: ReadonlySet<ResourceNode>;
  readonly children: ReadonlySet<ResourceNode>;
}

/** What giving a node these parents and children means. */
export function planMove(node: ResourceNode, { parents, children }: Placement): GraphChange {
  const newChildren = [...children].filter((child) => !node.children.has(child));
  const lostParents = [...node.parents].filter((parent) => !parents.has(parent));
  const lostChildren = [...node.children].filter((child) => !children.has(child));
  return {
    node,
    newParents: [...parents].filter((parent) => !node.parents.has(parent)),
    newChildren,
    lostEdges: [
      ...lostParents.map((parent) => ({ parent, child: node })),
      ...lostChildren.map((child) => ({ parent: node, child })),
    ],
    gone: new Set(),
    region: regionBelow([node, ...newChildren]),
  };
}

/** What removing a node means: what hung on it alone goes with it. */
export function planRemoval(node: ResourceNode): GraphChange {
  const gone = new Set([node]);
  const parentsLeft = new Map<ResourceNode, number>();
  const lostEdges: Edge[] = [];
  for (const parent of gone) {
    for (const child of parent.children) {
      const left = (parentsLeft.get(child) ?? child.parents.size) - 1;
      parentsLeft.set(child, left);
      if (left === 0) gone.add(child);
      lostEdges.push({ parent, child });
    }
  }
  return {
    node,
    newParents: [],
    newChildren: [],
    lostEdges: lostEdges.filter(({ child }) => !gone.has(child)),
    gone,
    region: regionBelow([node]),
  };
}

export function link(parent: ResourceNode, child: ResourceNode): void {
  parent.children.add(child);
  child.parents.add(parent);
}

export function unlink({ parent, child }: Edge): void {
  parent.children.delete(child);
  child.parents.delete(parent);
}
