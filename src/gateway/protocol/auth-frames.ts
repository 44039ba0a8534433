import { Inject, Injectable } from '@nestjs/common';
import { ApiKeys, Authenticator, type Principal, TokenStore } from '../../auth/index.js';
import { coded, decodeExtended, Password } from '../../common/index.js';
import { CONFIGURATION, type DispatcherConfiguration } from '../../config/index.js';
import type { Connection } from './connection.js';
import type { Frame, FrameId } from './frame.js';
import { SessionManager } from './session-manager.js';

/** Of a name, a password or a token: what is longer was not meant to be one. */
const MAX_FIELD_LENGTH = 1_024;

/**
 * `rpc/auth`, `rpc/auth_token` and `rpc/auth_service`. Each answers once; the promise it returns
 * holds back the frames behind it, so that a call sent right after a login finds it done.
 */
@Injectable()
export class AuthFrames {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly tokens: TokenStore,
    private readonly keys: ApiKeys,
    private readonly sessions: SessionManager,
    @Inject(CONFIGURATION) private readonly configuration: DispatcherConfiguration,
  ) {}

  async password(connection: Connection, frame: Frame): Promise<void> {
    const args = readArgs(frame, {
      username: 'string',
      password: 'string?',
      check_password: 'boolean?',
      resource: 'string?',
    });
    const request = {
      username: String(args.username),
      password: (args.password ?? '') as string,
      checkPassword: args.check_password === true,
    };
    const principal = await connection.decideLogin((signal) =>
      this.authenticator.login(request, { peer: connection.peer, signal }),
    );
    if (principal === null) return;
    const token = this.tokens.issue(principal);
    const resource = asText(args.resource);
    this.sessions.begin(connection, { principal, resource, token });
    this.#answer(connection, frame.id, token.token);
  }

  /** Needs no wait where there is one node, and so makes no promise: this is how most clients come back. */
  token(connection: Connection, frame: Frame): void | Promise<void> {
    const args = readArgs(frame, { token: 'string', resource: 'string?' });
    const prepared = this.tokens.prepare(String(args.token));
    if (prepared === null) this.#byToken(connection, frame, args);
    else return this.#byTokenWhen(prepared, { connection, frame, args });
  }

  async #byTokenWhen(prepared: Promise<unknown>, login: TokenLogin): Promise<void> {
    const { connection, frame, args } = login;
    const isOpen = await connection.decideLogin(() => prepared.then(() => true));
    if (isOpen === true) this.#byToken(connection, frame, args);
  }

  #byToken(connection: Connection, frame: Frame, { token, resource }: TokenArguments): void {
    const exchanged = this.tokens.exchange(String(token));
    if (exchanged === null) {
      const byKey = this.keys.use(String(token), connection.peer.address);
      if (byKey === null) throw coded('BAD_TOKEN');
      this.#byKey(connection, frame.id, {
        token: String(token),
        resource: asText(resource),
        principal: byKey,
      });
      return;
    }
    const { principal } = exchanged;
    const login = { principal, resource: asText(resource), token: exchanged };
    this.sessions.continue(connection, login);
    this.#answer(connection, frame.id, exchanged.token);
  }

  async service(connection: Connection, frame: Frame): Promise<void> {
    const { name } = readArgs(frame, { name: 'string' });
    const principal = await connection.decideLogin(() =>
      this.authenticator.loginService(String(name), connection.peer),
    );
    if (principal === null) return;
    this.sessions.begin(connection, { principal, resource: null, token: null });
    connection.respond(frame.id, []);
  }

  /** A key is not exchanged: its holder has it, and gets no token that would outlive it. */
  #byKey(connection: Connection, id: FrameId, { token, resource, principal }: KeyLogin): void {
    this.sessions.begin(connection, { principal, resource, token: null });
    const { expiresAt } = principal.apiKey?.grant ?? {};
    const lifetime =
      expiresAt == null ? null : Math.ceil((expiresAt.getTime() - Date.now()) / 1_000);
    connection.respond(id, [token, lifetime, principal.name]);
  }

  #answer(connection: Connection, id: FrameId, token: string): void {
    const { tokenLifetime } = this.configuration.dispatcher;
    connection.respond(id, [token, tokenLifetime, connection.sender.user]);
  }
}

type TokenArguments = Readonly<Record<'token' | 'resource', unknown>>;

interface TokenLogin {
  readonly connection: Connection;
  readonly frame: Frame;
  readonly args: TokenArguments;
}

interface KeyLogin {
  readonly token: string;
  readonly resource: string | null;
  readonly principal: Principal;
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
    const isFit = value === undefined ? isOptional : hasType(value, types[key]) && isText(value);
    if (!isFit) throw coded('MALFORMED_REQUEST');
    values[key] = value;
  }
  return values;
}

function hasType(value: unknown, type: FieldType): boolean {
  return typeof value === type.replace('?', '');
}

/** True unless it is a text that no store can keep, or one that was not meant for a login. */
function isText(value: unknown): boolean {
  if (typeof value !== 'string') return true;
  return value.length <= MAX_FIELD_LENGTH && value.isWellFormed() && !value.includes('\0');
}

function readField(args: Readonly<Record<string, unknown>>, key: string): unknown {
  const value = Object.hasOwn(args, key) ? args[key] : undefined;
  return value instanceof Password ? value.reveal() : (value ?? undefined);
}

function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
