import { Inject, Injectable } from '@nestjs/common';
import { coded } from '../common/index.js';
import type { UserAccount } from './account.js';
import { AccountDirectory } from './account-directory.js';
import { LocalLogin } from './local-login.js';
import { LoginThrottle } from './login-throttle.js';
import { isWeak } from './password-hash.js';
import { type HashClient, PasswordHasher } from './password-hasher.js';
import type { LoginPeer, Principal } from './principal.js';
import { Principals } from './principals.js';

export interface PasswordLogin {
  readonly username: string;
  readonly password: string;
  /** The client wants the password checked even where local login would do. */
  readonly checkPassword: boolean;
}

/** From where a login comes; the signal fires when the client has gone. */
export interface LoginOrigin {
  readonly peer: LoginPeer;
  readonly signal: AbortSignal;
}

/** Injection token of {@link AuthenticatorPorts}. */
export const AUTHENTICATOR_PORTS = Symbol('ports of the authenticator');

export interface AuthenticatorPorts {
  /** Resolves after so many milliseconds; rejects when the signal fires. */
  readonly delay: (delayMs: number, signal: AbortSignal) => Promise<unknown>;
  /**
   * Resolves when users and roles are as other nodes have left them; null when they are.
   *
   * @throws (rejects with) RpcException EIO when that cannot be found out
   */
  readonly whenUsersKnown: () => Promise<void> | null;
  /** Told when the hash of a password could not be brought up to date: the login goes on. */
  readonly onRehashFailed: (error: unknown) => void;
}

/**
 * Decides who may log in as whom (protocol contract, section 5). Without a password the machine is
 * asked; a password is always checked against the store, whoever sends it.
 */
@Injectable()
export class Authenticator {
  constructor(
    private readonly local: LocalLogin,
    @Inject(AccountDirectory)
    private readonly directory: Pick<AccountDirectory, 'find' | 'rehash'>,
    private readonly principals: Principals,
    @Inject(PasswordHasher) private readonly hasher: Pick<PasswordHasher, 'hash' | 'verify'>,
    private readonly throttle: LoginThrottle,
    @Inject(AUTHENTICATOR_PORTS) private readonly ports: AuthenticatorPorts,
  ) {}

  /**
   * @throws RpcException EACCES, the same for an unknown user, a wrong password and a foreign peer;
   *   EBUSY with the seconds to wait; EIO, see {@link AuthenticatorPorts}
   * @throws Error when the machine cannot say who its users are or whose a socket is
   */
  async login(request: PasswordLogin, origin: LoginOrigin): Promise<Principal> {
    const { username, password, checkPassword } = request;
    // never throttled: nothing is guessed at, and what others do must not lock out the machine's owner
    if (password === '' && !checkPassword && LocalLogin.admits(origin.peer)) {
      await this.ports.whenUsersKnown();
      return this.#loginLocally(username, origin.peer);
    }
    if (!(await this.checkPassword(username, password, origin))) throw coded('BAD_CREDENTIALS');
    await this.ports.whenUsersKnown();
    const account = this.directory.find(username);
    if (account === null || account.isLocked) throw coded('BAD_CREDENTIALS');
    return this.principals.ofAccount(account);
  }

  /** @throws RpcException EACCES unless the peer is root or the dispatcher's own user on this machine */
  async loginService(name: string, peer: LoginPeer): Promise<Principal> {
    if (!(await this.local.isAdministrativePeer(peer))) throw coded('NOT_AUTHORIZED');
    return this.principals.ofService(name);
  }

  /**
   * Whether it is the user's password, after the time that a check takes, right or wrong, known
   * user or not. False for a locked user.
   *
   * @throws RpcException EBUSY with the seconds to wait
   */
  checkPassword(username: string, password: string, origin: LoginOrigin): Promise<boolean> {
    const { peer, signal } = origin;
    return this.throttle.attempt({ username, ip: peer.source, signal }, async (turn) => {
      if (turn.delayMs > 0) await this.ports.delay(turn.delayMs, signal);
      return this.#verify(username, password, { ...turn, signal });
    });
  }

  async #loginLocally(username: string, peer: LoginPeer): Promise<Principal> {
    const { local, directory, principals } = this;
    const { isProven, uid } = await local.check(username, peer);
    const account = directory.find(username);
    if (!isProven || (account === null && uid === null)) throw coded('BAD_CREDENTIALS');
    if (account !== null) {
      if (account.isLocked) throw coded('NOT_AUTHORIZED');
      return principals.ofAccount(account);
    }
    if (!local.isAdministrator(uid)) throw coded('NOT_AUTHORIZED');
    return principals.ofMachine(username);
  }

  async #verify(username: string, password: string, client: HashClient): Promise<boolean> {
    const { directory, hasher } = this;
    const account = directory.find(username);
    const stored = account?.isLocked === true ? null : (account?.passwordHash ?? null);
    const isRight = await hasher.verify(password, stored, client);
    if (!isRight || account === null || stored === null) return false;
    // it may have been changed, locked or removed while it was being checked
    const present = directory.find(username);
    if (present?.passwordHash !== stored || present.isLocked) return false;
    if (isWeak(stored)) void this.#rehash(password, account); // the login does not wait for it
    return true;
  }

  async #rehash(password: string, account: UserAccount): Promise<void> {
    try {
      const { directory, hasher } = this;
      await directory.rehash(account, await hasher.hash(password));
    } catch (error) {
      this.ports.onRehashFailed(error);
    }
  }
}
