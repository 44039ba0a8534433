import { Injectable } from '@nestjs/common';
import {
  type AccountChange,
  AccountDirectory,
  ApiKeys,
  Principals,
  TokenStore,
} from '../auth/index.js';
import { DispatcherGateway } from './dispatcher.gateway.js';
import type { Connection } from './protocol/index.js';

const PASSWORD_CHANGED = 'Password was changed';

/**
 * Brings changes of users and roles to the connections that are open, at once: who may not be logged
 * in any more is logged out and its tokens are worthless, everybody else has the new rights from the
 * next frame on. It does not matter who wrote the row: the directory tells of each change before the
 * write is acknowledged.
 */
@Injectable()
export class LivePrincipals {
  readonly #spared = new Set<number>();
  readonly #stops: readonly (() => void)[];

  constructor(
    directory: AccountDirectory,
    private readonly principals: Principals,
    private readonly tokens: TokenStore,
    private readonly gateway: DispatcherGateway,
    keys: ApiKeys,
  ) {
    const stopAccounts = directory.onChange(({ accounts, areRolesChanged }) => {
      for (const change of accounts) this.#follow(change);
      if (areRolesChanged) this.#refreshAll();
    });
    const stopKeys = keys.onEnd((key, reason) => {
      for (const connection of this.gateway.connections) {
        if (connection.sender.principal.apiKey === key) connection.logout(reason);
      }
    });
    this.#stops = [stopAccounts, stopKeys];
  }

  /** Does what changes a user's password without logging out the session that asks for it. */
  async sparing<T>(sessionId: number | null, work: () => Promise<T>): Promise<T> {
    if (sessionId === null) return work();
    this.#spared.add(sessionId);
    try {
      return await work();
    } finally {
      this.#spared.delete(sessionId);
    }
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #follow(change: AccountChange): void {
    const { username } = change;
    const reason = reasonToEnd(change);
    if (reason !== null) this.#end(username, reason);
    for (const connection of this.#connectionsOf(username)) this.#refresh(connection);
  }

  #end(username: string, reason: string): void {
    const spared = new Set<string>();
    for (const connection of this.#connectionsOf(username)) {
      const { sessionId } = connection.sender;
      if (reason === PASSWORD_CHANGED && sessionId !== null && this.#spared.has(sessionId)) {
        if (connection.tokenKey !== null) spared.add(connection.tokenKey);
      } else {
        connection.logout(reason);
      }
    }
    this.tokens.revokeUser(username, spared);
  }

  #refreshAll(): void {
    for (const connection of this.gateway.connections) this.#refresh(connection);
  }

  #refresh(connection: Connection): void {
    const { principal } = connection.sender;
    const present = this.principals.refresh(principal);
    if (present !== null && present !== principal) connection.changeRights(present);
  }

  *#connectionsOf(username: string): Iterable<Connection> {
    for (const connection of this.gateway.connections) {
      const { kind, user } = connection.sender;
      if (kind === 'user' && user === username) yield connection;
    }
  }
}

/** Why nobody may stay logged in as that user; null when they may. */
function reasonToEnd({ before, after, isPasswordChanged }: AccountChange): string | null {
  if (after?.isLocked === true) return 'Account is locked';
  if (before === null) return null;
  if (after === null) return 'Account was removed';
  return isPasswordChanged ? PASSWORD_CHANGED : null;
}
