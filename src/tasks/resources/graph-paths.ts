import type { ResourceNode } from './resource-node.js';

type Neighbours = (node: ResourceNode) => Iterable<ResourceNode>;

const childrenOf: Neighbours = (node) => node.children;
const parentsOf: Neighbours = (node) => node.parents;

/** The nodes and everything below them. */
export function regionBelow(nodes: Iterable<ResourceNode>): Set<ResourceNode> {
  const region = new Set(nodes);
  // a Set's iteration also visits what is added on the way
  for (const node of region) for (const child of node.children) region.add(child);
  return region;
}

/** A shortest walk from `start` to a node that is a goal, both ends included; null if none. */
export function walk(
  start: ResourceNode,
  isGoal: (node: ResourceNode) => boolean,
  neighbours: Neighbours,
): ResourceNode[] | null {
  const cameFrom = new Map<ResourceNode, ResourceNode | null>([[start, null]]);
  for (const [node] of cameFrom) {
    if (isGoal(node)) return trace(node, cameFrom);
    for (const next of neighbours(node)) {
      if (!cameFrom.has(next)) cameFrom.set(next, node);
    }
  }
  return null;
}

/**
 * The way through the graph that makes claims on `from` and `to` touch: down or up when one is
 * below the other, otherwise down to something below both and up again. Empty when they do not.
 */
export function connectingPath(from: ResourceNode, to: ResourceNode): ResourceNode[] {
  // upwards first: a resource has few ancestors and may have very many descendants
  const down = walk(to, (node) => node === from, parentsOf)?.reverse();
  if (down !== undefined) return down;
  const up = walk(from, (node) => node === to, parentsOf);
  if (up !== null) return up;
  const belowTo = regionBelow([to]);
  const toShared = walk(from, (node) => belowTo.has(node), childrenOf);
  const shared = toShared?.at(-1);
  if (toShared == null || shared === undefined) return [];
  const fromShared = walk(shared, (node) => node === to, parentsOf) ?? [];
  return [...toShared, ...fromShared.slice(1)];
}

function trace(
  end: ResourceNode,
  cameFrom: ReadonlyMap<ResourceNode, ResourceNode | null>,
): ResourceNode[] {
  const path: ResourceNode[] = [];
  for (let node: ResourceNode | null = end; node !== null; node = cameFrom.get(node) ?? null) {
    path.push(node);
  }
  return path.reverse();
}
