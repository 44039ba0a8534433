import { coded, onAbort } from '../common/index.js';
import type { LockRow } from '../wire/index.js';

const LOCK_LIMITS = { names: 10_000, waitersPerLock: 1_000, nameLength: 256 } as const;

/** Who may hold a lock. The object itself is the identity; the label is for people. */
export interface LockOwner {
  readonly label: string;
}

export interface Waiting {
  readonly timeoutMs: number | null;
  readonly signal: AbortSignal;
}

interface Waiter {
  readonly owner: LockOwner;
  settle(isHeld: boolean): void;
}

interface Lock {
  holder: LockOwner | null;
  readonly waiters: Set<Waiter>;
}

/**
 * Locks by name, each held by one owner at a time and handed on in the order of asking. An owner
 * that ends leaves nothing behind, neither a held lock nor a place in a queue.
 *
 * A lock is not reentrant: whoever holds it and asks again is refused, because a count would hide
 * the mistake and waiting would never end.
 */
export class NamedLocks {
  readonly #locks = new Map<string, Lock>();

  /** How many locks are known, held and waited for. */
  get counts(): { readonly known: number; readonly held: number; readonly waiters: number } {
    let held = 0;
    let waiters = 0;
    for (const lock of this.#locks.values()) {
      if (lock.holder !== null) held += 1;
      waiters += lock.waiters.size;
    }
    return { known: this.#locks.size, held, waiters };
  }

  /** Makes a lock known; one that is known already stays as it is. @throws RpcException EINVAL, EBUSY */
  init(name: string): void {
    if (this.#locks.has(name)) return;
    if (name === '' || name.length > LOCK_LIMITS.nameLength) {
      throw coded('NAME_INVALID', { name: JSON.stringify(name.slice(0, 64)), what: 'a lock' });
    }
    if (this.#locks.size >= LOCK_LIMITS.names) {
      throw coded('TOO_MANY_LOCKS', { limit: LOCK_LIMITS.names });
    }
    this.#locks.set(name, { holder: null, waiters: new Set() });
  }

  /**
   * True when `owner` holds the lock now, false when the time was over or the signal fired first.
   *
   * @throws RpcException ENOENT for an unknown lock, EBUSY when `owner` has it already or too many wait
   */
  acquire(name: string, owner: LockOwner, waiting: Waiting): boolean | Promise<boolean> {
    const lock = this.#get(name);
    if (lock.holder === owner) throw coded('LOCK_HELD_ALREADY', { lock: name });
    if (waiting.signal.aborted) return false;
    if (lock.holder === null) {
      lock.holder = owner;
      return true;
    }
    if (waiting.timeoutMs === 0) return false;
    if (lock.waiters.size >= LOCK_LIMITS.waitersPerLock) {
      throw coded('LOCK_CROWDED', { lock: name, limit: LOCK_LIMITS.waitersPerLock });
    }
    return this.#wait(lock, owner, waiting);
  }

  /** @throws RpcException ENOENT for an unknown lock, EPERM when `owner` does not hold it */
  release(name: string, owner: LockOwner): void {
    const lock = this.#get(name);
    if (lock.holder !== owner) throw coded('LOCK_NOT_HELD', { lock: name });
    this.#handOn(lock);
  }

  /** @throws RpcException ENOENT for an unknown lock */
  isLocked(name: string): boolean {
    return this.#get(name).holder !== null;
  }

  /** In the order of names. */
  list(): LockRow[] {
    const rows = Array.from(this.#locks, ([name, { holder, waiters }]) => ({
      name,
      holder: holder?.label ?? null,
      waiters: Array.from(waiters, ({ owner }) => owner.label),
    }));
    return rows.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The owner is gone. Queues first, so that it is not handed what it waited for. */
  forget(owner: LockOwner): void {
    for (const { waiters } of this.#locks.values()) {
      for (const waiter of [...waiters]) if (waiter.owner === owner) waiter.settle(false);
    }
    for (const lock of this.#locks.values()) if (lock.holder === owner) this.#handOn(lock);
  }

  #get(name: string): Lock {
    const lock = this.#locks.get(name);
    if (lock === undefined)
      throw coded('NOT_REGISTERED', { what: 'Lock', name: name.slice(0, 256) });
    return lock;
  }

  #wait(lock: Lock, owner: LockOwner, { timeoutMs, signal }: Waiting): Promise<boolean> {
    return new Promise((resolve) => {
      const giveUp = (): void => waiter.settle(false);
      const timer = timeoutMs === null ? undefined : setTimeout(giveUp, timeoutMs);
      const waiter: Waiter = {
        owner,
        settle: (isHeld) => {
          clearTimeout(timer);
          forget();
          lock.waiters.delete(waiter);
          resolve(isHeld);
        },
      };
      lock.waiters.add(waiter);
      const forget = onAbort(signal, giveUp); // it has not fired: `acquire` looked
    });
  }

  #handOn(lock: Lock): void {
    const [next] = lock.waiters;
    lock.holder = next?.owner ?? null;
    next?.settle(true);
  }
}
