import { Injectable } from '@nestjs/common';
import { type Principal, Principals, SessionLog, TokenStore } from '../../auth/index.js';
import { coded } from '../../common/index.js';
import { EventRouter } from '../../events/index.js';
import { type Connection, isSameCaller } from './connection.js';

/** A login that was decided. */
export interface DecidedLogin {
  readonly principal: Principal;
  readonly resource: string | null;
  /** Services get none: their locality is looked at each time. */
  readonly token: { readonly key: string } | null;
}

/** Writes down who is logged in on which connection, from the login to its end, and tells of both. */
@Injectable()
export class SessionManager {
  constructor(
    private readonly principals: Principals,
    private readonly tokens: TokenStore,
    private readonly sessions: SessionLog,
    private readonly events: EventRouter,
  ) {}

  /**
   * The principal is in place before the answer leaves and before an event tells anybody.
   *
   * @throws RpcException EACCES when the account was locked or removed since the login was decided
   */
  begin(connection: Connection, { principal, resource, token }: DecidedLogin): void {
    const { principals, sessions, events } = this;
    const present = principals.refresh(principal);
    if (present === null) throw coded('BAD_CREDENTIALS');
    this.#endPrevious(connection);
    const { address } = connection.peer;
    const username = String(present.name);
    const sessionId = sessions.begin({ username, address, resource });
    connection.setPrincipal(present, { sessionId, tokenKey: token?.key ?? null, resource });
    events.publish('session.changed', { operation: 'create', ids: [sessionId] });
    announce(events, connection, 'login');
  }

  /**
   * A login by token. The user who is logged in here already goes on with the same session: only the
   * token is another, and the one before has its grace, for the answer with the new one may be lost.
   *
   * @throws RpcException EACCES as {@link begin}
   */
  continue(connection: Connection, login: DecidedLogin): void {
    const { principals, tokens } = this;
    const { tokenKey, sender } = connection;
    if (tokenKey === null || !isSameCaller(sender.principal, login.principal)) {
      this.begin(connection, login);
      return;
    }
    const present = principals.refresh(login.principal);
    if (present === null) throw coded('BAD_CREDENTIALS');
    tokens.retire(tokenKey);
    connection.renewToken(login.token?.key ?? null);
    connection.changeRights(present);
  }

  /** The login ends, because the connection does or another login replaces it; nothing for a stranger. */
  end(connection: Connection): void {
    const { sessionId } = connection.sender;
    if (sessionId === null) return;
    this.sessions.end(sessionId);
    const { events } = this;
    events.publish('session.changed', { operation: 'update', ids: [sessionId] });
    announce(events, connection, 'logout');
  }

  /** A second login replaces the first: what the first one was given is taken back. */
  #endPrevious(connection: Connection): void {
    if (!connection.isLoggedIn) return;
    if (connection.tokenKey !== null) this.tokens.revoke(connection.tokenKey);
    this.end(connection);
  }
}

function announce(
  events: EventRouter,
  { sender, peer }: Connection,
  what: 'login' | 'logout',
): void {
  const { kind, user } = sender;
  const { address } = peer;
  const deed = what === 'login' ? 'logged in' : 'logged out';
  if (kind === 'service') {
    const description = `Service ${String(user)} ${deed}`;
    events.publish(`server.service_${what}`, { address, name: user, description });
  } else {
    const description = `Client ${String(user)} ${deed}`;
    events.publish(`server.client_${what}`, { address, username: user, description });
  }
}
