import type { ResourceRow } from '../../wire/index.js';
import type { ResourceGraph, ResourceNode } from '../resources/index.js';
import type { LockTable } from './lock-table.js';
import type { LockMode } from './mark-kind.js';

type Holder = ResourceRow['holders'][number];

/** In the order of registration. A subtask's locks show as its top-level task's. */
export function listResources(graph: ResourceGraph, table: LockTable): ResourceRow[] {
  return Array.from(graph.nodes(), (node) => ({
    name: node.name,
    parents: Array.from(node.parents, ({ name }) => name),
    holders: holdersOf(node, table),
    waiters: waitersOf(node, table),
  }));
}

function holdersOf(node: ResourceNode, table: LockTable): Holder[] {
  const modes = new Map<number, LockMode>();
  for (const { holder, mode } of table.covering(node)) {
    if (holder.isRunning && modes.get(holder.id) !== 'exclusive') modes.set(holder.id, mode);
  }
  return Array.from(modes, ([task, mode]) => ({ task, mode })).sort((a, b) => a.task - b.task);
}

function waitersOf(node: ResourceNode, table: LockTable): number[] {
  const claims = [...table.waitingAt(node)].sort((a, b) => a.holder.order - b.holder.order);
  return [...new Set(claims.map(({ holder }) => holder.id))];
}
