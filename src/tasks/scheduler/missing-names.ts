import type { LockClaim } from './lock-claim.js';
import type { ScheduledTask } from './scheduled-task.js';

interface MissingClaim {
  readonly task: ScheduledTask;
  readonly claim: LockClaim;
}

/** Waiting claims on names that stand for nothing, by name. */
export class MissingNames {
  readonly #byName = new Map<string, Map<LockClaim, ScheduledTask>>();

  add(task: ScheduledTask, claim: LockClaim): void {
    let claims = this.#byName.get(claim.missingName);
    if (claims === undefined) {
      claims = new Map();
      this.#byName.set(claim.missingName, claims);
    }
    claims.set(claim, task);
    task.missing += 1;
  }

  remove(claim: LockClaim): void {
    const claims = this.#byName.get(claim.missingName);
    const task = claims?.get(claim);
    if (claims === undefined || task === undefined) return;
    claims.delete(claim);
    task.missing -= 1;
    if (claims.size === 0) this.#byName.delete(claim.missingName);
  }

  /** The claims that waited for the name, in the order of their tasks. */
  take(name: string): MissingClaim[] {
    const claims = this.#byName.get(name);
    if (claims === undefined) return [];
    this.#byName.delete(name);
    const taken = Array.from(claims, ([claim, task]) => ({ task, claim }));
    for (const { task } of taken) task.missing -= 1;
    return taken.sort((a, b) => a.task.order - b.task.order);
  }
}
