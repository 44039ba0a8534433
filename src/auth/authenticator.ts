import { coded } from '../common/index.js';
import type { LocalUsers } from './local-users.js';
import type { LoginPeer, Principal } from './principal.js';
import type { SocketOwners } from './socket-table.js';

const ROOT_UID = 0;

export interface PasswordLogin {
  readonly username: string;
  readonly password: string;
  /** The client wants the password checked even where local login would do. */
  readonly checkPassword: boolean;
}

export interface AuthenticatorDependencies {
  readonly sockets: SocketOwners;
  readonly users: LocalUsers;
  /** The user the dispatcher runs as. */
  readonly ownUid: number;
}

/**
 * Decides who may log in as whom (protocol contract, section 5). Until users are kept in a store
 * there is local login only: root and the dispatcher's own user, from this machine, without a
 * password; a password is always checked, and there is none that could be right.
 */
export class Authenticator {
  constructor(private readonly dependencies: AuthenticatorDependencies) {}

  /**
   * @throws RpcException EACCES, the same for an unknown user, a wrong password and a foreign peer
   * @throws Error when the machine cannot say who its users are or whose a socket is
   */
  async login(request: PasswordLogin, peer: LoginPeer): Promise<Principal> {
    if (request.password !== '' || request.checkPassword || !mayBeLocal(peer)) {
      throw coded('BAD_CREDENTIALS');
    }
    const uid = await this.dependencies.users.uidOf(request.username);
    if (uid === null || !(await this.#mayActAs(uid, peer))) throw coded('BAD_CREDENTIALS');
    if (!this.#isAdministrator(uid)) throw coded('NOT_AUTHORIZED');
    return { kind: 'user', name: request.username, roles: ['admin'] };
  }

  /** @throws RpcException EACCES unless the peer is root or the dispatcher's own user on this machine */
  async loginService(name: string, peer: LoginPeer): Promise<Principal> {
    const isOwn = peer.transport === 'unix' && peer.isDirect;
    if (!isOwn && !(mayBeLocal(peer) && this.#isAdministrator(await this.#ownerOf(peer)))) {
      throw coded('NOT_AUTHORIZED');
    }
    return { kind: 'service', name, roles: ['admin'] };
  }

  /** Being able to open the unix socket is the proof; over TCP the socket's owner has to be the user or root. */
  async #mayActAs(uid: number, peer: LoginPeer): Promise<boolean> {
    if (peer.transport === 'unix') return true;
    const owner = await this.#ownerOf(peer);
    return owner !== null && (owner === uid || owner === ROOT_UID);
  }

  #isAdministrator(uid: number | null): boolean {
    return uid === ROOT_UID || uid === this.dependencies.ownUid;
  }

  async #ownerOf({ ip, port, serverIp, serverPort }: LoginPeer): Promise<number | null> {
    if (ip === null || port === null || serverIp === null || serverPort === null) return null;
    return this.dependencies.sockets.uidOf({
      localIp: ip,
      localPort: port,
      remoteIp: serverIp,
      remotePort: serverPort,
    });
  }
}

function mayBeLocal(peer: LoginPeer): boolean {
  return peer.isDirect && (peer.isLoopback || peer.transport === 'unix');
}
