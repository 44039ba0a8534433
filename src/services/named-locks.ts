import { coded, onAbort } from '../common/index.js';
import type { LockRow } from '../wire/index.js';
import { LockAuthority, type LockOwner, type Waiting } from './lock-authority.js';

const LOCK_LIMITS = { names: 10_000, waitersPerLock: 1_000, nameLength: 256 } as const;

/** Of a term there may be as many numbers; terms count up to 2^21. */
const TOKENS_PER_TERM = 2 ** 32;

interface Waiter {
  readonly owner: LockOwner;
  settle(isHeld: boolean): void;
}

interface Lock {
  holder: LockOwner | null;
  /** Of its holder. */
  token: number;
  readonly waiters: Set<Waiter>;
}

/**
 * Locks by name, each held by one owner at a time and handed on in the order of asking. An owner
 * that ends leaves nothing behind, neither a held lock nor a place in a queue.
 *
 * A lock is not reentrant: whoever holds it and asks again is refused, because a count would hide
 * the mistake and waiting would never end.
 */
export class NamedLocks extends LockAuthority {
  readonly #locks = new Map<string, Lock>();
  #granted = 0;

  /** @param term - rises with every start of the server, or with every leader of several */
  constructor(private readonly term: () => number) {
    super();
  }

  get counts(): { readonly known: number; readonly held: number; readonly waiters: number } {
    let held = 0;
    let waiters = 0;
    for (const lock of this.#locks.values()) {
      if (lock.holder !== null) held += 1;
      waiters += lock.waiters.size;
    }
    return { known: this.#locks.size, held, waiters };
  }

  init(name: string): void {
    if (this.#locks.has(name)) return;
    if (name === '' || name.length > LOCK_LIMITS.nameLength) {
      throw coded('NAME_INVALID', { name: JSON.stringify(name.slice(0, 64)), what: 'a lock' });
    }
    if (this.#locks.size >= LOCK_LIMITS.names) {
      throw coded('TOO_MANY_LOCKS', { limit: LOCK_LIMITS.names });
    }
    this.#locks.set(name, { holder: null, token: 0, waiters: new Set() });
  }

  acquire(name: string, owner: LockOwner, waiting: Waiting): boolean | Promise<boolean> {
    const lock = this.#get(name);
    if (lock.holder === owner) throw coded('LOCK_HELD_ALREADY', { lock: name });
    if (waiting.signal.aborted) return false;
    if (lock.holder === null) {
      this.#grant(lock, owner);
      return true;
    }
    if (waiting.timeoutMs === 0) return false;
    if (lock.waiters.size >= LOCK_LIMITS.waitersPerLock) {
      throw coded('LOCK_CROWDED', { lock: name, limit: LOCK_LIMITS.waitersPerLock });
    }
    return this.#wait(lock, owner, waiting);
  }

  release(name: string, owner: LockOwner): void {
    const lock = this.#get(name);
    if (lock.holder !== owner) throw coded('LOCK_NOT_HELD', { lock: name });
    this.#handOn(lock);
  }

  isLocked(name: string): boolean {
    return this.#get(name).holder !== null;
  }

  list(): LockRow[] {
    const rows = Array.from(this.#locks, ([name, { holder, waiters }]) => ({
      name,
      holder: holder?.label ?? null,
      waiters: Array.from(waiters, ({ owner }) => owner.label),
    }));
    return rows.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  token(name: string, owner: LockOwner): number {
    const lock = this.#get(name);
    if (lock.holder !== owner) throw coded('LOCK_NOT_HELD', { lock: name });
    return lock.token;
  }

  /** The owner had the lock before this server knew of it. Of two, the one has it that got it last. */
  restore(name: string, owner: LockOwner, token: number): void {
    this.init(name);
    const lock = this.#get(name);
    if (lock.holder === null || lock.token < token) Object.assign(lock, { holder: owner, token });
  }

  isHolder(name: string, owner: LockOwner): boolean {
    return this.#locks.get(name)?.holder === owner;
  }

  /** Nobody holds anything or waits any more, and no lock is known. */
  clear(): void {
    for (const { waiters } of this.#locks.values())
      for (const waiter of [...waiters]) waiter.settle(false);
    this.#locks.clear();
  }

  forget(owner: LockOwner): void {
    // queues first, so that it is not handed what it waited for
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
    if (next === undefined) {
      lock.holder = null;
      return;
    }
    this.#grant(lock, next.owner);
    next.settle(true);
  }

  #grant(lock: Lock, owner: LockOwner): void {
    this.#granted += 1;
    lock.holder = owner;
    lock.token = this.term() * TOKENS_PER_TERM + this.#granted;
  }
}
