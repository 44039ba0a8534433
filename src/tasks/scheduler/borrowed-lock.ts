import { coded } from '../../common/index.js';
import type { ResourceNode } from '../resources/index.js';
import { LockClaim } from './lock-claim.js';
import type { LockTable } from './lock-table.js';
import type { LockMode } from './mark-kind.js';
import type { BorrowedLock, ScheduledTask } from './scheduled-task.js';

interface BorrowRequest {
  readonly parent: ScheduledTask;
  readonly wanted: readonly { readonly resource: string; readonly mode: LockMode }[];
  readonly find: (name: string) => ResourceNode | undefined;
  readonly tableOf: (task: ScheduledTask) => LockTable;
}

/**
 * True when a claim of the task's own locks the node in that mode. What it has borrowed for one
 * subtask does not count: it goes when that subtask ends.
 */
export function isCovered(task: ScheduledTask, node: ResourceNode, mode: LockMode): boolean {
  return task.claims.some(
    (claim) => (claim.mode === 'exclusive' || mode === 'shared') && claim.locks(node),
  );
}

/**
 * What a subtask needs and its parent has not got is claimed in the name of its parent, and of
 * each further ancestor up to one that has it. It must be free there and then: a subtask that
 * waited for strangers while its parent holds locks could wait for ever.
 *
 * @throws RpcException EBUSY naming every resource that is not free
 */
export function borrowLocks({ parent, wanted, find, tableOf }: BorrowRequest): BorrowedLock[] {
  const borrowed: BorrowedLock[] = [];
  const refused = new Set<string>();
  for (const { resource, mode } of wanted) {
    const node = find(resource);
    if (node === undefined) {
      refused.add(resource);
      continue;
    }
    for (
      let ancestor: ScheduledTask | null = parent;
      ancestor !== null;
      ancestor = ancestor.parent
    ) {
      if (isCovered(ancestor, node, mode)) break;
      const claim = new LockClaim(ancestor, mode, resource);
      claim.hangAt(node);
      const table = tableOf(ancestor);
      if (!isFree(claim, table)) refused.add(resource);
      borrowed.push({ table, claim });
    }
  }
  if (refused.size === 0) return borrowed;
  throw coded('RESOURCES_NOT_FREE', { resources: [...refused].join(', ') });
}

/** Nobody else holds it or stands in line for it. */
function isFree(claim: LockClaim, table: LockTable): boolean {
  return table.opponents(claim, Infinity).next().done === true;
}
