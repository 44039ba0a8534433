import type { Authenticator, Principal, TokenStore } from '../auth/index.js';
import { coded, decodeExtended, Password } from '../common/index.js';
import type { EventRouter } from '../events/index.js';
import type { Connection } from './connection.js';
import { type Frame, type FrameId, responseFrame } from './frame.codec.js';

/** Of a name, a password or a token: what is longer was not meant to be one. */
const MAX_FIELD_LENGTH = 1_024;

export interface AuthFramesDependencies {
  readonly authenticator: Authenticator;
  readonly tokens: TokenStore;
  readonly events: EventRouter;
  readonly tokenLifetimeSeconds: number;
}

interface Login {
  readonly principal: Principal;
  readonly tokenKey: string | null;
  readonly resource: string | null;
}

/**
 * `rpc/auth`, `rpc/auth_token` and `rpc/auth_service`. Each answers once; the promise it returns
 * holds back the frames behind it, so that a call sent right after a login finds it done.
 */
export class AuthFrames {
  #lastSessionId = 0;

  constructor(private readonly dependencies: AuthFramesDependencies) {}

  async password(connection: Connection, frame: Frame): Promise<void> {
    const {
      username,
      password,
      check_password: checkPassword,
      resource,
    } = readArgs(frame, {
      username: 'string',
      password: 'string?',
      check_password: 'boolean?',
      resource: 'string?',
    });
    const principal = await this.dependencies.authenticator.login(
      {
        username: String(username),
        password: (password ?? '') as string,
        checkPassword: checkPassword === true,
      },
      connection.peer,
    );
    const { token, key } = this.dependencies.tokens.issue(principal);
    this.#accept(connection, { principal, tokenKey: key, resource: asText(resource) });
    this.#answer(connection, frame.id, token);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- tokens will be looked up in a store
  async token(connection: Connection, frame: Frame): Promise<void> {
    const { token, resource } = readArgs(frame, { token: 'string', resource: 'string?' });
    const exchanged = this.dependencies.tokens.exchange(String(token));
    if (exchanged === null) throw coded('BAD_TOKEN');
    const { principal, key } = exchanged;
    this.#accept(connection, { principal, tokenKey: key, resource: asText(resource) });
    this.#answer(connection, frame.id, exchanged.token);
  }

  async service(connection: Connection, frame: Frame): Promise<void> {
    const { name } = readArgs(frame, { name: 'string' });
    const principal = await this.dependencies.authenticator.loginService(
      String(name),
      connection.peer,
    );
    this.#accept(connection, { principal, tokenKey: null, resource: null });
    connection.send(responseFrame(frame.id, []));
  }

  /** The principal is in place before the answer leaves and before the event tells anybody. */
  #accept(connection: Connection, { principal, tokenKey, resource }: Login): void {
    if (!connection.isOpen) return; // it went while the login was being decided
    this.#endPrevious(connection);
    this.#lastSessionId += 1;
    connection.setPrincipal(principal, this.#lastSessionId);
    connection.tokenKey = tokenKey;
    connection.resource = resource;
    const { address } = connection.peer;
    if (principal.kind === 'service') {
      this.dependencies.events.publish('server.service_login', {
        address,
        name: principal.name,
        description: `Service ${String(principal.name)} logged in`,
      });
    } else {
      this.dependencies.events.publish('server.client_login', {
        address,
        username: principal.name,
        description: `Client ${String(principal.name)} logged in`,
      });
    }
  }

  /** A second login replaces the first: what the first one was given is taken back. */
  #endPrevious(connection: Connection): void {
    if (!connection.isLoggedIn) return;
    if (connection.tokenKey !== null) this.dependencies.tokens.revoke(connection.tokenKey);
    announceLogout(this.dependencies.events, connection);
  }

  #answer(connection: Connection, id: FrameId, token: string): void {
    const { tokenLifetimeSeconds } = this.dependencies;
    connection.send(responseFrame(id, [token, tokenLifetimeSeconds, connection.sender.user]));
  }
}

/** Tells of the end of a login; says nothing for a connection that had none. */
export function announceLogout(events: EventRouter, connection: Connection): void {
  const { kind, user } = connection.sender;
  const { address } = connection.peer;
  if (kind === 'service') {
    const description = `Service ${String(user)} logged out`;
    events.publish('server.service_logout', { address, name: user, description });
  } else if (kind === 'user') {
    const description = `Client ${String(user)} logged out`;
    events.publish('server.client_logout', { address, username: user, description });
  }
}

type FieldType = 'string' | 'string?' | 'boolean?';

/** @throws RpcException EINVAL unless args is an object whose fields have the types */
function readArgs<K extends string>(frame: Frame, types: Record<K, FieldType>): Record<K, unknown> {
  const args = decodeExtended(frame.args);
  if (typeof args !== 'object' || args === null || Array.isArray(args))
    throw coded('MALFORMED_REQUEST');
  const values = {} as Record<K, unknown>;
  for (const key of Object.keys(types) as K[]) {
    const value = readField(args as Record<string, unknown>, key);
    const isOptional = types[key].endsWith('?');
    const isTooLong = typeof value === 'string' && value.length > MAX_FIELD_LENGTH;
    if (
      value === undefined ? !isOptional : typeof value !== types[key].replace('?', '') || isTooLong
    ) {
      throw coded('MALFORMED_REQUEST');
    }
    values[key] = value;
  }
  return values;
}

function readField(args: Readonly<Record<string, unknown>>, key: string): unknown {
  const value = Object.hasOwn(args, key) ? args[key] : undefined;
  return value instanceof Password ? value.reveal() : (value ?? undefined);
}

function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
