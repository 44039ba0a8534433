import type { LocalUsers } from './local-users.js';
import type { LoginPeer } from './principal.js';
import type { SocketOwners } from './socket-table.js';

const ROOT_UID = 0;

export interface LocalLoginDependencies {
  readonly sockets: SocketOwners;
  readonly users: LocalUsers;
  /** The user the dispatcher runs as. */
  readonly ownUid: number;
}

/** What the machine says of a peer that claims a user name. */
export interface LocalClaim {
  /** The peer may act as that user. */
  readonly isProven: boolean;
  /** Null when the machine has no such user. */
  readonly uid: number | null;
}

/**
 * Proof of identity by the machine itself: whoever may open the unix socket, or owns the loopback
 * peer's socket as that user or as root.
 */
export class LocalLogin {
  constructor(private readonly dependencies: LocalLoginDependencies) {}

  /** Whether this peer can prove anything here: it is on this machine with nothing in between. */
  static admits(peer: LoginPeer): boolean {
    return peer.isDirect && (peer.isLoopback || peer.transport === 'unix');
  }

  /** @throws Error when the machine cannot say who its users are or whose a socket is */
  async check(username: string, peer: LoginPeer): Promise<LocalClaim> {
    const uid = await this.dependencies.users.uidOf(username);
    if (peer.transport === 'unix') return { isProven: true, uid };
    const owner = await this.#ownerOf(peer);
    return { isProven: owner !== null && (owner === ROOT_UID || owner === uid), uid };
  }

  /** Root or the dispatcher's own user on this machine, or anybody who may open the unix socket. */
  async isAdministrativePeer(peer: LoginPeer): Promise<boolean> {
    if (!LocalLogin.admits(peer)) return false;
    return peer.transport === 'unix' || this.isAdministrator(await this.#ownerOf(peer));
  }

  isAdministrator(uid: number | null): boolean {
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
