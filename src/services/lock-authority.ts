import type { LockRow } from '../wire/index.js';

/** Who may hold a lock. The object itself is the identity; the label is for people. */
export interface LockOwner {
  readonly label: string;
}

export interface Waiting {
  readonly timeoutMs: number | null;
  readonly signal: AbortSignal;
}

/** Locks by name, each held by one owner at a time, be there one node or several. */
export abstract class LockAuthority {
  /** How many locks are known, held and waited for; of several nodes the one that leads knows. */
  abstract readonly counts: {
    readonly known: number;
    readonly held: number;
    readonly waiters: number;
  };
  /** Makes a lock known; one that is known already stays as it is. @throws RpcException EINVAL, EBUSY */
  abstract init(name: string): void | Promise<void>;
  /**
   * True when `owner` holds the lock now, false when the time was over or the signal fired first.
   *
   * @throws RpcException ENOENT for an unknown lock, EBUSY when `owner` has it already or too many wait
   */
  abstract acquire(name: string, owner: LockOwner, waiting: Waiting): boolean | Promise<boolean>;
  /** @throws RpcException ENOENT for an unknown lock, EPERM when `owner` does not hold it */
  abstract release(name: string, owner: LockOwner): void | Promise<void>;
  /** @throws RpcException ENOENT for an unknown lock */
  abstract isLocked(name: string): boolean | Promise<boolean>;
  /** In the order of names. */
  abstract list(): LockRow[] | Promise<LockRow[]>;
  /**
   * A number that rises with each owner that a lock is given to, whatever became of the ones before:
   * what it guards can refuse whoever comes with a lower one than it has seen.
   *
   * @throws RpcException ENOENT for an unknown lock, EPERM when `owner` does not hold it
   */
  abstract token(name: string, owner: LockOwner): number | Promise<number>;
  /** The owner is gone: it holds nothing and waits for nothing. */
  abstract forget(owner: LockOwner): void;
}
