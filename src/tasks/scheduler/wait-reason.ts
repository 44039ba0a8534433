import { connectingPath } from '../resources/index.js';
import type { LockClaim } from './lock-claim.js';
import type { LockTable } from './lock-table.js';
import type { LockMode } from './mark-kind.js';
import type { ScheduledTask } from './scheduled-task.js';

interface ExplainedClaim {
  readonly resource: string;
  readonly mode: LockMode;
}

/**
 * Why one claim of a waiting task is not granted: another task holds something, or was admitted
 * before and waits for something, that it conflicts with; or its resource does not exist.
 */
export type WaitReason =
  | {
      readonly relation: 'held' | 'precedes';
      readonly claim: ExplainedClaim;
      /** What the other task claims, or has kept from before the graph changed. */
      readonly resource: string;
      readonly task: number;
      /** Neighbours in the graph from the claimed resource to the other's, both included. */
      readonly path: readonly string[];
    }
  | {
      readonly relation: 'missing';
      readonly claim: ExplainedClaim;
      readonly resource: string;
    };

/** One reason for each pair of a claim of the task's and a conflicting claim of another's. */
export function reasonsOf(task: ScheduledTask, table: LockTable): WaitReason[] {
  return task.claims.flatMap((claim): WaitReason[] => {
    const explained = { resource: claim.name, mode: claim.mode };
    if (claim.anchors.length === 0) {
      return [{ relation: 'missing' as const, claim: explained, resource: claim.name }];
    }
    const opponents = new Set(table.opponents(claim, task.order));
    return Array.from(opponents, (opponent) => ({
      relation: opponent.holder.isRunning ? ('held' as const) : ('precedes' as const),
      claim: explained,
      ...meeting(claim, opponent),
      task: opponent.holder.id,
    }));
  });
}

function meeting(claim: LockClaim, opponent: LockClaim): { resource: string; path: string[] } {
  for (const anchor of claim.anchors) {
    for (const other of opponent.anchors) {
      const path = connectingPath(anchor, other).map(({ name }) => name);
      if (path.length > 0) return { resource: other.name, path };
    }
  }
  return { resource: opponent.name, path: [] };
}
