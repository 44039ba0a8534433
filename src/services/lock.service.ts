import { type CallTarget, onRightsChanged } from '../auth/index.js';
import { coded } from '../common/index.js';
import { isEndingSender, mayCall } from '../rpc/index.js';
import {
  accepts,
  description,
  h,
  provider,
  requireRoles,
  returns,
  type Sender,
  sender,
  signal,
} from '../sdk/index.js';
import { LOCK_ROW, type LockRow } from '../wire/index.js';
import { type LockOwner, NamedLocks } from './named-locks.js';
import { SECONDS, toMilliseconds } from './seconds.js';
import { NAME } from './name.schema.js';

/** Whoever may not call this may not keep what it gave either. */
const ACQUIRE: CallTarget = {
  method: 'lock.acquire',
  isUnauthenticated: false,
  isPrivate: false,
  roles: ['admin'],
};

@provider('lock')
@description('Named locks, held by a connection or a plugin and released when it goes')
export class LockService {
  readonly #owners = new WeakMap<object, LockOwner>();

  constructor(private readonly locks: NamedLocks) {}

  @description('Makes a lock known; does nothing when it is')
  @accepts(NAME)
  @returns(null)
  @requireRoles('admin')
  init(name: string): null {
    this.locks.init(name);
    return null;
  }

  @description('Waits for the lock, in the order of asking; false when the time was over before')
  @accepts(NAME, h.optional(h.nullable(SECONDS)))
  @returns(Boolean)
  @requireRoles('admin')
  acquire(
    name: string,
    timeout: number | null | undefined,
    @sender() caller: Sender,
    @signal() stop: AbortSignal,
  ): boolean | Promise<boolean> {
    const timeoutMs = timeout == null ? null : toMilliseconds(timeout);
    return this.locks.acquire(name, this.#ownerOf(caller), { timeoutMs, signal: stop });
  }

  @description('Gives the lock to the next that waits; only its holder may')
  @accepts(NAME)
  @returns(null)
  @requireRoles('admin')
  release(name: string, @sender() caller: Sender): null {
    this.locks.release(name, this.#ownerOf(caller));
    return null;
  }

  @description('Whether somebody holds the lock')
  @accepts(NAME)
  @returns(Boolean)
  isLocked(name: string): boolean {
    return this.locks.isLocked(name);
  }

  @description('All locks with their holders and those who wait')
  @accepts()
  @returns(h.array(LOCK_ROW))
  getLocks(): LockRow[] {
    return this.locks.list();
  }

  /** A caller of whose end nobody would hear cannot hold a lock: it might for ever. */
  #ownerOf(caller: Sender): LockOwner {
    if (!isEndingSender(caller)) throw coded('LOCK_NEEDS_OWNER');
    const known = this.#owners.get(caller.holder);
    if (known !== undefined) return known;
    const owner = { label: caller.address };
    this.#owners.set(caller.holder, owner);
    caller.onEnded(() => this.locks.forget(owner));
    onRightsChanged(caller, (present) => {
      if (!mayCall(ACQUIRE, present)) this.locks.forget(owner);
    });
    return owner;
  }
}
