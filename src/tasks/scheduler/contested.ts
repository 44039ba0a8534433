import { coded } from '../../common/index.js';
import type { GraphChange, ResourceNode } from '../resources/index.js';
import type { LockClaim } from './lock-claim.js';
import type { LockTable } from './lock-table.js';

/**
 * Refuses a change after which two running tasks would have a node in common that they must not
 * share. Nothing but new edges can do that: whoever locks what is above them gets all that is
 * below them.
 *
 * @throws RpcException EBUSY naming both tasks
 */
export function refuseContested(change: GraphChange, table: LockTable): void {
  const { node, newParents, newChildren } = change;
  const gaining = runningClaims(newParents, (parent) => table.covering(parent));
  if (newChildren.length > 0) addRunning(gaining, table.covering(node));
  if (gaining.size === 0) return;
  const below = runningClaims([node, ...newChildren], (at) => table.touching(at));
  const all = [...new Set([...gaining, ...below])];
  for (const exclusive of all) {
    if (exclusive.mode !== 'exclusive') continue;
    const other = all.find(
      (claim) =>
        claim.holder !== exclusive.holder && (gaining.has(claim) || gaining.has(exclusive)),
    );
    if (other !== undefined) throw contested(node.name, exclusive, other);
  }
}

function contested(resource: string, a: LockClaim, b: LockClaim): Error {
  const [first, second] = [a.holder, b.holder].sort((x, y) => x.order - y.order);
  return coded('RESOURCE_CONTESTED', {
    resource,
    first: first?.id ?? 0,
    second: second?.id ?? 0,
  });
}

function runningClaims(
  nodes: readonly ResourceNode[],
  claimsOf: (node: ResourceNode) => Iterable<LockClaim>,
): Set<LockClaim> {
  const found = new Set<LockClaim>();
  for (const node of nodes) addRunning(found, claimsOf(node));
  return found;
}

function addRunning(found: Set<LockClaim>, claims: Iterable<LockClaim>): void {
  for (const claim of claims) if (claim.holder.isRunning) found.add(claim);
}
