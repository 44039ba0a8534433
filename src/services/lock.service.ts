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
import { LockAuthority, type LockOwner } from './lock-authority.js';
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

  constructor(private readonly locks: LockAuthority) {}

  @description('Makes a lock known; does nothing when it is')
  @accepts(NAME)
  @returns(null)
  @requireRoles('admin')
  init(name: string): null | Promise<null> {
    return nothing(this.locks.init(name));
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
  release(name: string, @sender() caller: Sender): null | Promise<null> {
    return nothing(this.locks.release(name, this.#ownerOf(caller)));
  }

  @description(
    'A number that rises with each caller that the lock is given to, for what refuses lower ones than it has seen; only its holder is told',
  )
  @accepts(NAME)
  @returns(Number)
  @requireRoles('admin')
  token(name: string, @sender() caller: Sender): number | Promise<number> {
    return this.locks.token(name, this.#ownerOf(caller));
  }

  @description('Whether somebody holds the lock')
  @accepts(NAME)
  @returns(Boolean)
  isLocked(name: string): boolean | Promise<boolean> {
    return this.locks.isLocked(name);
  }

  @description('All locks with their holders and those who wait')
  @accepts()
  @returns(h.array(LOCK_ROW))
  getLocks(): LockRow[] | Promise<LockRow[]> {
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

/** No promise where there was none. */
function nothing(done: void | Promise<void>): null | Promise<null> {
  return done === undefined ? null : done.then(() => null);
}
