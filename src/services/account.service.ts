import { Authenticator, PasswordHasher, toAccount, USERS } from '../auth/index.js';
import { coded, type Password } from '../common/index.js';
import { ConnectionSender, LivePrincipals } from '../gateway/index.js';
import {
  accepts,
  Datastore,
  description,
  DuplicateKeyException,
  type Filter,
  h,
  provider,
  query,
  queryArray,
  type QueryParams,
  requireRoles,
  returns,
  type RowId,
  type Sender,
  sender,
  signal,
  type StoredRow,
} from '../sdk/index.js';
import {
  ACCOUNT,
  ACCOUNT_PATCH,
  API_KEY,
  type ApiKeyRow,
  CREATED_API_KEY,
  type CreatedApiKey,
  NEW_API_KEY,
  type NewApiKey,
  type AccountPatch,
  type AccountRow,
  NEW_ACCOUNT,
  type NewAccount,
} from '../wire/index.js';
import { ApiKeyBook } from './api-key-book.js';
import { refuseApiKey } from './key-holder.js';

/** Longer ones are refused at login, too. */
const MAX_PASSWORD_LENGTH = 1_024;

/**
 * The users of the store. What it writes takes effect on open connections by way of the account
 * directory, as every other write of those rows does.
 *
 * The last administrator may be removed: root can always log in on the machine as a service, which
 * has every role.
 */
@provider('account')
@description('Users: who may log in, with which password and roles')
export class AccountService {
  constructor(
    private readonly store: Datastore,
    private readonly hasher: PasswordHasher,
    private readonly authenticator: Authenticator,
    private readonly live: LivePrincipals,
    private readonly keys: ApiKeyBook,
  ) {}

  @description('Lists users, without their passwords')
  @query(ACCOUNT)
  @requireRoles('admin')
  async query(filter?: Filter, params?: QueryParams): Promise<unknown> {
    // filtered after the secrets are gone: a filter on a hash would read it letter by letter
    const rows = await this.store.query(USERS);
    return queryArray(rows.map(toRow), filter ?? null, params);
  }

  @description('Adds a user; without a password it can log in on this machine only')
  @accepts(NEW_ACCOUNT)
  @returns(ACCOUNT)
  @requireRoles('admin')
  async create(
    { username, password = null, roles = [] }: NewAccount,
    @sender() caller: Sender,
  ): Promise<AccountRow> {
    refuseApiKey(caller);
    const { store } = this;
    const row = { username, password: await this.#hash(password), roles, locked: false };
    try {
      return toRow({ id: await store.insert(USERS, row), ...row });
    } catch (error) {
      if (error instanceof DuplicateKeyException) throw coded('USER_EXISTS', { username });
      throw error;
    }
  }

  @description(
    'Changes a user. A new password or a lock logs the user out; roles count from the next call on',
  )
  @accepts(String, ACCOUNT_PATCH)
  @returns(ACCOUNT)
  @requireRoles('admin')
  async update(
    username: string,
    { password, ...patch }: AccountPatch,
    @sender() caller: Sender,
  ): Promise<AccountRow> {
    refuseApiKey(caller);
    const { id } = await this.#find(username);
    const secret = password === undefined ? {} : { password: await this.#hash(password) };
    return this.#write(id, { ...patch, ...secret }, caller);
  }

  @description('Removes a user and logs it out')
  @accepts(String)
  @returns(null)
  @requireRoles('admin')
  async remove(username: string, @sender() caller: Sender): Promise<null> {
    refuseApiKey(caller);
    const { id } = await this.#find(username);
    await this.store.delete(USERS, id);
    return null;
  }

  @description('Changes the password of the caller, whose other sessions are logged out')
  @accepts(h.password(), h.password())
  @returns(null)
  async changePassword(
    old: Password,
    replacement: Password,
    @sender() caller: Sender,
    @signal() aborted: AbortSignal,
  ): Promise<null> {
    refuseApiKey(caller);
    const username = String(caller.user);
    if (!(caller instanceof ConnectionSender) || caller.kind !== 'user') {
      throw coded('USER_NOT_FOUND', { username });
    }
    const { id } = await this.#find(username);
    const origin = { peer: caller.connection.peer, signal: aborted };
    const { authenticator } = this;
    if (!(await authenticator.checkPassword(username, old.reveal(), origin))) {
      throw coded('BAD_CREDENTIALS');
    }
    await this.#write(id, { password: await this.#hash(replacement) }, caller);
    return null;
  }

  @description(
    'Makes an API key of the caller, or for admin of a named user. Only this answer ever has the key',
  )
  @accepts(NEW_API_KEY)
  @returns(CREATED_API_KEY)
  createApiKey(wanted: NewApiKey, @sender() caller: Sender): Promise<CreatedApiKey> {
    return this.keys.create(wanted, caller);
  }

  @description(
    'Lists the API keys of the caller, or for admin of a named user, with their last use',
  )
  @accepts(h.optional(h.nullable(String)))
  @returns(h.array(API_KEY))
  listApiKeys(username: string | null | undefined, @sender() caller: Sender): ApiKeyRow[] {
    return this.keys.list(username ?? null, caller);
  }

  @description('Ends an API key and everything that goes on by it at once')
  @accepts(String)
  @returns(null)
  async revokeApiKey(id: string, @sender() caller: Sender): Promise<null> {
    await this.keys.revoke(id, caller);
    return null;
  }

  async #write(
    id: RowId,
    patch: Readonly<Record<string, unknown>>,
    { sessionId }: Sender,
  ): Promise<AccountRow> {
    const { store, live } = this;
    return toRow(await live.sparing(sessionId, () => store.update(USERS, id, patch)));
  }

  async #find(username: string): Promise<StoredRow> {
    const row = await this.store.getOne(USERS, [['username', '=', username]]);
    if (row === null) throw coded('USER_NOT_FOUND', { username });
    return row;
  }

  #hash(password: Password | null): Promise<string> | null {
    if (password === null) return null;
    const secret = password.reveal();
    if (secret === '' || secret.length > MAX_PASSWORD_LENGTH) {
      throw coded('PASSWORD_LENGTH', { limit: MAX_PASSWORD_LENGTH });
    }
    return this.hasher.hash(secret);
  }
}

/** Named fields only: what a plugin keeps beside them may be secret as well. */
function toRow(row: StoredRow): AccountRow {
  const account = toAccount(row);
  return {
    id: row.id,
    username: account?.username ?? '',
    roles: [...(account?.roles ?? [])],
    locked: account?.isLocked ?? true,
    has_password: account?.passwordHash != null,
  };
}
