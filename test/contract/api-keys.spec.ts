import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import { INSUFFICIENT, login, PASSWORD, PrincipalsServer } from './principals.harness.js';

let server: PrincipalsServer;
beforeAll(async () => {
  server = await PrincipalsServer.start();
});
afterAll(() => server.server.stop());

interface Key {
  readonly id: string;
  readonly key: string;
  readonly roles: readonly string[] | null;
}

const REFUSED = { code: 13, name: 'EACCES', message: 'Incorrect or expired token' };
let lastName = 0;

/** A new user's client, whose user is removed with the test. */
async function owner(...roles: string[]): Promise<{ client: PlainClient; name: string }> {
  lastName += 1;
  const name = `owner${lastName}`;
  const client = await server.user(name, ...roles);
  await login(client, name, PASSWORD);
  return { client, name };
}

const create = (client: PlainClient, wanted: object = {}): Promise<Key> =>
  client.result<Key>('account.create_api_key', { name: 'test', ...wanted });

async function byKey(token: string): Promise<PlainClient> {
  const client = await server.stranger();
  const { name, args } = await client.request('rpc', 'auth_token', { token });
  expect({ name, args }).toMatchObject({
    name: 'response',
    args: [token, null, expect.anything()],
  });
  return client;
}

async function refusal(token: string): Promise<unknown> {
  const client = await server.stranger();
  return (await client.request('rpc', 'auth_token', { token })).args;
}

describe('an API key', () => {
  it('logs in as its owner, again and again, and is listed without its secret', async () => {
    const { client, name } = await owner('reader');
    const { id, key } = await create(client);
    for (let times = 0; times < 2; times += 1) {
      const user = await byKey(key);
      expect(await user.result('session.whoami')).toMatchObject({ username: name });
      expect(await user.result('door.look')).toBe('look');
      await user.close();
    }
    const [row, ...others] = await client.result<object[]>('account.list_api_keys');
    expect(others).toEqual([]);
    expect(row).toMatchObject({ id, name: 'test', roles: null, expires_at: null });
    expect(row).toMatchObject({ last_used_at: { $date: expect.any(String) as string } });
    expect(row).not.toHaveProperty('key');
    expect(server.log.join('\n')).not.toContain(key);
  });

  it('has no role that its owner does not have, now or later', async () => {
    const { client, name } = await owner('operator');
    const refused = client.call('account.create_api_key', { name: 'x', roles: ['admin'] });
    expect((await refused).args).toMatchObject({ name: 'EPERM' });
    const { key } = await create(client, { roles: ['operator'] });
    const reader = await byKey((await create(client, { roles: ['reader'] })).key);
    expect((await reader.call('door.push')).args).toEqual(INSUFFICIENT);
    const user = await byKey(key);
    expect(await user.result('door.push')).toBe('push');
    const admin = await server.admin();
    await admin.result('account.update', name, { roles: ['reader'] });
    expect((await user.call('door.push')).args).toEqual(INSUFFICIENT);
    expect((await (await byKey(key)).call('door.push')).args).toEqual(INSUFFICIENT);
  });

  it('ends with everything that goes on by it when it is revoked', async () => {
    const { client } = await owner('reader');
    const { id, key } = await create(client);
    const user = await byKey(key);
    await client.result('account.revoke_api_key', id);
    expect(await user.closed).toEqual({ code: 4_001, reason: 'API key was revoked' });
    expect(await refusal(key)).toEqual(REFUSED);
  });

  it('ends at its time, and its sessions then', async () => {
    const { client } = await owner('reader');
    const { key } = await create(client, { expires_in: 1 });
    const user = await server.stranger();
    await user.request('rpc', 'auth_token', { token: key });
    expect(await user.closed).toEqual({ code: 4_001, reason: 'API key expired' });
    expect(await refusal(key)).toEqual(REFUSED);
  });

  it('does not come back with another user of the same name', async () => {
    const { client, name } = await owner('reader');
    const { key } = await create(client);
    const admin = await server.admin();
    await admin.result('account.remove', name);
    expect(await refusal(key)).toEqual(REFUSED);
    await admin.result('account.create', { username: name, roles: ['admin'] });
    expect(await refusal(key)).toEqual(REFUSED);
  });

  it('does nothing while its owner is locked', async () => {
    const { client, name } = await owner('reader');
    const { key } = await create(client);
    const admin = await server.admin();
    await admin.result('account.update', name, { locked: true });
    expect(await refusal(key)).toEqual(REFUSED);
    await admin.result('account.update', name, { locked: false });
    await byKey(key);
  });

  it.each([
    ['account.create_api_key', [{ name: 'more' }]],
    ['account.revoke_api_key', ['0000000000000000']],
    ['account.change_password', [{ $password: 'a' }, { $password: 'b' }]],
    ['account.create', [{ username: 'lasting', roles: ['admin'] }]],
    ['account.update', ['root', { roles: [] }]],
    ['account.remove', ['root']],
  ])('may not call %s', async (method, args) => {
    const { client } = await owner('admin');
    const user = await byKey((await create(client)).key);
    expect((await user.call(method, ...args)).args).toMatchObject({ name: 'EPERM' });
  });

  it('is nothing that others see or end', async () => {
    const { client, name } = await owner('operator');
    const { id, key } = await create(client);
    const other = await owner('operator');
    expect(await other.client.result('account.list_api_keys')).toEqual([]);
    expect((await other.client.call('account.list_api_keys', name)).args).toEqual(INSUFFICIENT);
    const refused = await other.client.call('account.revoke_api_key', id);
    expect(refused.args).toMatchObject({ name: 'ENOENT' });
    await byKey(key);
    const admin = await server.admin();
    expect(await admin.result('account.list_api_keys', name)).toMatchObject([{ id }]);
    await admin.result('account.revoke_api_key', id);
    expect(await refusal(key)).toEqual(REFUSED);
  });

  it('is refused when anything about it is another', async () => {
    const { client } = await owner('reader');
    const { key } = await create(client);
    const wrong = [
      key.slice(0, -1),
      `${key}a`,
      key.toUpperCase(),
      key.replace('dsp', 'dsq'),
      '',
      ' ',
    ];
    for (const token of wrong) expect(await refusal(token)).toEqual(REFUSED);
  });

  it.each([
    [{ name: '' }],
    [{ name: 'x'.repeat(129) }],
    [{ name: 'x', expires_in: 0 }],
    [{ name: 'x', expires_at: { $date: '2001-01-01T00:00:00Z' } }],
    [{ name: 'x', expires_in: 5, expires_at: { $date: '2101-01-01T00:00:00Z' } }],
  ])('is not made of %j', async (wanted) => {
    const { client } = await owner('reader');
    const { args } = await client.call('account.create_api_key', wanted);
    expect(args).toMatchObject({ name: 'EINVAL' });
  });

  it('is told of to its owner and to administrators, without its secret', async () => {
    const { client } = await owner('reader');
    const other = await owner('reader');
    const admin = await server.admin();
    for (const each of [client, other.client, admin]) {
      each.send('events', 'subscribe', null, ['account.*']);
    }
    await Promise.all([client, other.client, admin].map((each) => each.result('management.ping')));
    const { id, key } = await create(client);
    await client.result('account.revoke_api_key', id);
    const told = (each: PlainClient): unknown[] => each.received.filter((f) => f.name === 'event');
    await expect.poll(() => told(client).length).toBe(2);
    await expect.poll(() => told(admin).length).toBe(2);
    await other.client.result('management.ping');
    expect(told(other.client)).toEqual([]);
    expect(JSON.stringify([told(client), told(admin)])).not.toContain(key);
  });
});
