/**
 * The dominator tree of the resource graph: what turns locking in a graph into locking in a tree.
 *
 * A node x dominates y when every path from the root to y passes x. Everything that x dominates
 * lies below x, so what a claim locks is a union of whole sub-trees of the dominator tree: that of
 * the claimed node, and one for each node below that can also be reached past it (a pool on two
 * disks, seen from one disk). The roots of those sub-trees are the claim's {@link topsOf | tops}.
 * docs/adr/0010 has the proof and the costs.
 */
import type { ResourceNode } from './resource-node.js';

/** True when `upper` is `lower` or dominates it. */
export function dominates(upper: ResourceNode, lower: ResourceNode): boolean {
  let node = lower;
  while (node.depth > upper.depth) node = node.dominator;
  return node === upper;
}

/**
 * The roots of the dominator sub-trees that make up everything at and below `node`: the node, its
 * frontier, the frontier of that, and so on. One for most nodes.
 */
export function topsOf(node: ResourceNode): Iterable<ResourceNode> {
  if (node.frontier === null) return [node];
  const tops = new Set([node]);
  for (const top of tops) {
    // a Set's iteration also visits what is added on the way
    for (const next of top.frontier?.keys() ?? []) tops.add(next);
  }
  return tops;
}

/**
 * Runs `mutate`, which changes edges, and mends the dominator tree. A node's dominators depend on
 * what is above it alone, so only `region` has to be looked at: every node below an end of a
 * changed edge, as it was before or will be after.
 */
export function reshape(region: ReadonlySet<ResourceNode>, mutate: () => void): void {
  for (const node of region) eachRunner(node, leaveFrontier);
  mutate();
  const order = topological(region);
  for (const node of order) place(node);
  for (const node of order) eachRunner(node, enterFrontier);
}

function place(node: ResourceNode): void {
  let common: ResourceNode | null = null;
  for (const parent of node.parents) {
    common = common === null ? parent : nearestCommon(common, parent);
  }
  if (common === null) return; // the root
  node.dominator = common;
  node.depth = common.depth + 1;
}

function nearestCommon(first: ResourceNode, second: ResourceNode): ResourceNode {
  let [a, b] = [first, second];
  while (a !== b) {
    if (a.depth < b.depth) b = b.dominator;
    else a = a.dominator;
  }
  return a;
}

/** Visits the nodes in whose frontier `join` is: from each parent up to where all paths meet. */
function eachRunner(
  join: ResourceNode,
  visit: (runner: ResourceNode, join: ResourceNode) => void,
): void {
  if (join.parents.size < 2) return;
  for (const parent of join.parents) {
    for (let runner = parent; runner !== join.dominator; runner = runner.dominator) {
      visit(runner, join);
    }
  }
}

function enterFrontier(runner: ResourceNode, join: ResourceNode): void {
  runner.frontier ??= new Map();
  runner.frontier.set(join, (runner.frontier.get(join) ?? 0) + 1);
}

function leaveFrontier(runner: ResourceNode, join: ResourceNode): void {
  const count = runner.frontier?.get(join) ?? 0;
  if (count > 1) runner.frontier?.set(join, count - 1);
  else runner.frontier?.delete(join);
  if (runner.frontier?.size === 0) runner.frontier = null;
}

/** What is left of the region, parents before children. */
function topological(region: ReadonlySet<ResourceNode>): ResourceNode[] {
  const pending = new Map<ResourceNode, number>();
  const order: ResourceNode[] = [];
  for (const node of region) {
    if (node.isGone) continue;
    let inside = 0;
    for (const parent of node.parents) if (region.has(parent)) inside += 1;
    if (inside === 0) order.push(node);
    else pending.set(node, inside);
  }
  for (const node of order) {
    for (const child of node.children) {
      const left = (pending.get(child) ?? 0) - 1;
      pending.set(child, left);
      if (left === 0) order.push(child);
    }
  }
  return order;
}
