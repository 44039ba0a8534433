import { Injectable } from '@nestjs/common';
import { AccountDirectory, type ApiKey, ApiKeys, Principals, rightsOf } from '../auth/index.js';
import { coded } from '../common/index.js';
import { EventRouter } from '../events/index.js';
import type { Sender } from '../sdk/index.js';
import type { ApiKeyRow, CreatedApiKey, NewApiKey } from '../wire/index.js';
import { expiryOf, refuseApiKey, rolesWithin, toKeyView } from './key-holder.js';

/** What `account` does with API keys: whose they are, who may, and who is told. */
@Injectable()
export class ApiKeyBook {
  constructor(
    private readonly keys: ApiKeys,
    private readonly directory: AccountDirectory,
    private readonly principals: Principals,
    private readonly events: EventRouter,
  ) {}

  async create(wanted: NewApiKey, caller: Sender): Promise<CreatedApiKey> {
    refuseApiKey(caller);
    const username = ownerFor(wanted.username, caller);
    const owner = this.principals.present(username);
    if (owner === null) throw coded('USER_NOT_FOUND', { username });
    const { text, key } = await this.keys.create({
      name: wanted.name,
      username,
      userId: this.directory.find(username)?.id ?? null,
      roles: rolesWithin(owner, wanted.roles),
      createdAt: new Date(),
      expiresAt: expiryOf(wanted),
    });
    this.#announce('account.api_key_created', key, caller);
    return { ...toKeyView(key), key: text };
  }

  list(username: string | null, caller: Sender): ApiKeyRow[] {
    return this.keys.ofUser(ownerFor(username, caller)).map(toKeyView);
  }

  async revoke(id: string, caller: Sender): Promise<void> {
    refuseApiKey(caller);
    const key = this.keys.get(id);
    const isOwn = caller.kind === 'user' && key?.grant.username === caller.user;
    // whose keys there are is nobody else's affair
    if (key === undefined || !(isOwn || rightsOf(caller).isAdministrator)) {
      throw coded('API_KEY_NOT_FOUND', { id });
    }
    await this.keys.revoke(key);
    this.#announce('account.api_key_revoked', key, caller);
  }

  #announce(event: string, { grant }: ApiKey, caller: Sender): void {
    const { id, name, username } = grant;
    const deed = event.endsWith('created') ? 'created' : 'revoked';
    const description = `API key ${name} of ${username} was ${deed} by ${String(caller.user)}`;
    this.events.publish(
      event,
      { id, name, username, by: caller.user, description },
      { kind: 'user', name: username },
    );
  }
}

/** @throws RpcException EACCES for somebody else's by who is no administrator */
function ownerFor(username: string | undefined | null, caller: Sender): string {
  const own = caller.kind === 'user' ? caller.user : null;
  const owner = username ?? own;
  if (owner === null) throw coded('API_KEY_NEEDS_USER');
  if (owner !== own && !rightsOf(caller).isAdministrator) throw coded('INSUFFICIENT_PRIVILEGES');
  return owner;
}
