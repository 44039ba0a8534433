import { userInfo } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import type { SharedToken } from '../cluster/index.js';
import type { ApiKey } from './api-key.js';
import type { UserAccount } from './account.js';
import { AccountDirectory } from './account-directory.js';
import type { Principal } from './principal.js';
import { NO_RIGHTS, RoleIndex } from './role-index.js';

const ADMINISTRATOR = ['admin'] as const;

/** Whoever has not logged in. */
export const ANONYMOUS: Principal = {
  kind: 'anonymous',
  name: null,
  roles: [],
  rights: NO_RIGHTS,
  origin: 'machine',
};

/** Makes principals from accounts, and says what became of one that was made earlier. */
@Injectable()
export class Principals {
  /** Who logs in without a row in the store. */
  readonly #machine = new Set(['root', ...serversUser()]);

  constructor(
    @Inject(AccountDirectory) private readonly directory: Pick<AccountDirectory, 'find'>,
    private readonly roles: RoleIndex,
  ) {}

  ofAccount({ username, roles }: UserAccount): Principal {
    const rights = this.roles.rightsFor(roles);
    return { kind: 'user', name: username, roles, rights, origin: 'store' };
  }

  /** Root or the dispatcher's own user, without a row in the store. */
  ofMachine(name: string): Principal {
    this.#machine.add(name); // a uid may have several names
    return { kind: 'user', name, ...this.#administrator(), origin: 'machine' };
  }

  /** Who may act by the key now, with no role that its owner has not; null for nobody. */
  ofKey(key: ApiKey): Principal | null {
    const { username, userId, roles } = key.grant;
    const ownerId = this.directory.find(username)?.id ?? null;
    const owner = key.isAlive && ownerId === userId ? this.present(username) : null;
    if (owner === null) return null;
    if (roles === null) return { ...owner, apiKey: key };
    const present = roles.filter((role) => coversRole(owner.roles, role));
    return { ...owner, roles: present, rights: this.roles.rightsFor(present), apiKey: key };
  }

  /** The holder of a token that another node issued, to be refreshed before it is used. */
  ofToken({ user, origin }: Pick<SharedToken, 'user' | 'origin'>): Principal {
    if (origin === 'machine') return this.ofMachine(user);
    return { kind: 'user', name: user, roles: [], rights: NO_RIGHTS, origin };
  }

  ofService(name: string): Principal {
    return { kind: 'service', name, ...this.#administrator(), origin: 'machine' };
  }

  /** The user as it would be logged in now; null when it may not be. Synchronous, as {@link refresh}. */
  present(name: string): Principal | null {
    const account = this.directory.find(name);
    if (account === null) return this.#machine.has(name) ? this.ofMachine(name) : null;
    return account.isLocked ? null : this.ofAccount(account);
  }

  /**
   * The principal as it would be made now: the same object when nothing changed, null when the user
   * may not be logged in any more. Synchronous, so that nothing can change between this and its use.
   */
  refresh(principal: Principal): Principal | null {
    if (principal.kind !== 'user' || principal.name === null) return principal;
    if (principal.apiKey !== undefined) {
      const present = this.ofKey(principal.apiKey);
      return present?.rights === principal.rights ? principal : present;
    }
    const account = this.directory.find(principal.name);
    if (account === null) return principal.origin === 'machine' ? principal : null;
    if (account.isLocked) return null;
    const isSame =
      account.roles === principal.roles &&
      principal.origin === 'store' &&
      this.roles.rightsFor(account.roles) === principal.rights;
    return isSame ? principal : this.ofAccount(account);
  }

  #administrator(): Pick<Principal, 'roles' | 'rights'> {
    return { roles: ADMINISTRATOR, rights: this.roles.rightsFor(ADMINISTRATOR) };
  }
}

/** Whether a role is no more than what somebody with these has. */
export function coversRole(roles: readonly string[], role: string): boolean {
  if (roles.includes(role) || roles.includes('admin')) return true;
  return role === 'reader' && roles.includes('operator');
}

/** A uid may be without a name. */
function serversUser(): string[] {
  try {
    return [userInfo().username];
  } catch {
    return [];
  }
}
