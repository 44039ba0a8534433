import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import {
  BAD_CREDENTIALS,
  INSUFFICIENT,
  login,
  PASSWORD,
  PrincipalsServer,
} from './principals.harness.js';

let server: PrincipalsServer;
beforeAll(async () => {
  server = await PrincipalsServer.start({ limits: { 'failed-logins-per-minute': 1_000 } });
});
afterAll(() => server.server.stop());

const outcome = async (client: PlainClient, method: string, ...args: unknown[]) => {
  const { name, args: answer } = await client.call(method, ...args);
  return name === 'response' ? 'allowed' : answer;
};
const tokenOf = (reply: { readonly args: unknown }): string => (reply.args as [string])[0];

describe('a first start', () => {
  it('says how to add a user, and lets nobody in from afar', async () => {
    expect(server.log.join('\n')).toMatch(/dispatcherctl --url ws:\S+ user add NAME --role admin/);
    const stranger = await server.stranger();
    expect((await login(stranger, 'root', '')).args).toEqual(BAD_CREDENTIALS);
    expect((await login(stranger, 'root', 'root')).args).toEqual(BAD_CREDENTIALS);
  });
});

describe('a login with a password', () => {
  it('gives the token, its lifetime and the name, and the roles of the store', async () => {
    const ann = await server.user('ann', 'reader');
    const reply = await login(ann, 'ann', PASSWORD);
    expect(reply.args).toEqual([expect.stringMatching(/^[\w-]{43}$/), 600, 'ann']);
    expect(await ann.result('door.roles')).toEqual(['reader']);
    expect(await ann.result('session.whoami')).toEqual({
      username: 'ann',
      kind: 'user',
      roles: ['reader'],
      session_id: expect.any(Number) as unknown,
      address: await ann.result('management.get_sender_address'),
    });
  });

  it('is refused with the same words for a wrong password, a stranger and a locked user', async () => {
    await server.user('ann', 'reader');
    const admin = await server.admin();
    await admin.result('account.create', { username: 'bare' });
    const client = await server.stranger();
    expect((await login(client, 'ann', 'wrong')).args).toEqual(BAD_CREDENTIALS);
    expect((await login(client, 'nobody', PASSWORD)).args).toEqual(BAD_CREDENTIALS);
    expect((await login(client, 'bare', '')).args).toEqual(BAD_CREDENTIALS);
    await admin.result('account.update', 'ann', { locked: true });
    expect((await login(client, 'ann', PASSWORD)).args).toEqual(BAD_CREDENTIALS);
    expect((await client.call('management.ping')).args).toMatchObject({ message: 'Not logged in' });
    await admin.result('account.remove', 'bare');
  });

  it('is checked on this machine, too, when one is given', async () => {
    await server.user('ann', 'reader');
    const client = await server.stranger();
    const wrong = await client.request('rpc', 'auth', { username: 'ann', password: 'wrong' });
    expect(wrong.args).toEqual(BAD_CREDENTIALS);
    const none = await client.request('rpc', 'auth', { username: 'ann' });
    expect(none.name).toBe('response'); // the socket's owner is root here
  });

  it('takes as long for a user who does not exist', async () => {
    await server.user('ann', 'reader');
    const client = await server.stranger();
    const time = async (username: string): Promise<number> => {
      const start = performance.now();
      await login(client, username, 'wrong');
      return performance.now() - start;
    };
    const samples = { known: [] as number[], unknown: [] as number[] };
    await client.request('rpc', 'auth', {
      username: 'root',
      check_password: true,
      password: 'warm',
    });
    // few and interleaved: from the fourth failure on the same delay is added to both
    for (let n = 0; n < 3; n += 1) {
      samples.known.push(await time('ann'));
      samples.unknown.push(await time(`nobody${n}`));
    }
    expect(Math.min(...samples.unknown)).toBeGreaterThan(Math.min(...samples.known) / 3);
  });
});

describe('roles', () => {
  it.each([
    ['admin', ['open', 'look', 'push', 'blast']],
    ['operator', ['open', 'look', 'push']],
    ['reader', ['open', 'look']],
  ])('%s may call %j and nothing else', async (role, allowed) => {
    const client = await server.user('ann', role);
    for (const method of ['open', 'look', 'push', 'blast', 'secret']) {
      const seen = await outcome(client, `door.${method}`);
      if (allowed.includes(method)) expect([method, seen]).toEqual([method, 'allowed']);
      else if (role !== 'admin') expect([method, seen]).toEqual([method, INSUFFICIENT]);
      else
        expect(seen).toMatchObject({
          code: 13,
          message: expect.stringMatching(/^Insufficient .*is private/) as string,
        });
    }
  });

  it('without any, a user may only know itself and the interface', async () => {
    const client = await server.user('ann');
    for (const method of [
      'session.whoami',
      'session.get_my_session_id',
      'management.ping',
      'management.get_available_features',
      'discovery.get_services',
      'event.cursor',
    ]) {
      expect([method, await outcome(client, method)]).toEqual([method, 'allowed']);
    }
    for (const method of ['door.open', 'management.status', 'session.query', 'account.query']) {
      expect([method, await outcome(client, method)]).toEqual([method, INSUFFICIENT]);
    }
  });

  it('of this installation open what their masks cover, at once and no longer than they exist', async () => {
    const admin = await server.admin();
    const client = await server.user('ann', 'doors');
    expect(await outcome(client, 'door.blast')).toEqual(INSUFFICIENT);
    await admin.result('role.create', { name: 'doors', methods: ['door.b*'] });
    expect(await outcome(client, 'door.blast')).toBe('allowed');
    expect(await outcome(client, 'door.open')).toEqual(INSUFFICIENT);
    await admin.result('role.update', 'doors', { methods: ['door.open', 'door.secret'] });
    expect(await outcome(client, 'door.blast')).toEqual(INSUFFICIENT);
    expect(await outcome(client, 'door.open')).toBe('allowed');
    expect(await outcome(client, 'door.secret')).toEqual(INSUFFICIENT);
    expect(await admin.result('role.query')).toEqual([
      { name: 'doors', methods: ['door.open', 'door.secret'], publish: [], tasks: [] },
    ]);
    await admin.result('role.remove', 'doors');
    expect(await outcome(client, 'door.open')).toEqual(INSUFFICIENT);
    for (const role of ['admin', 'reader']) {
      expect((await admin.call('role.create', { name: role, methods: ['*'] })).args).toMatchObject({
        code: 1,
      });
    }
  });

  it('decide which events a client may publish', async () => {
    const admin = await server.admin();
    await admin.result('role.create', { name: 'porter', methods: [], publish: ['door.*'] });
    const listener = await server.admin();
    listener.send('events', 'subscribe', null, ['door.*', 'window.*']);
    await listener.settled();
    const publish = (client: PlainClient, name: string) =>
      client.send('events', 'event', 'p', { name, args: { by: name } });
    const porter = await server.user('porter', 'porter');
    const operator = await server.user('ann', 'operator');
    publish(operator, 'door.forbidden');
    publish(porter, 'window.forbidden');
    publish(porter, 'door.opened');
    await listener.find(
      ({ name, args }) => name === 'event' && (args as { name: string }).name === 'door.opened',
    );
    expect(JSON.stringify(listener.received)).not.toContain('forbidden');
    expect(await operator.find(({ id }) => id === 'p')).toMatchObject({ args: INSUFFICIENT });
    await admin.result('role.remove', 'porter');
  });
});

describe('changes take effect at once', () => {
  it('of roles, on open connections, also when a plugin writes the row', async () => {
    const admin = await server.admin();
    const client = await server.user('ann', 'reader');
    expect(await outcome(client, 'door.push')).toEqual(INSUFFICIENT);
    await admin.result('account.update', 'ann', { roles: ['operator'] });
    expect(await outcome(client, 'door.push')).toBe('allowed');
    await admin.result('door.patch_user', 'ann', { roles: [] });
    expect(await outcome(client, 'door.open')).toEqual(INSUFFICIENT);
    expect(await client.result('session.whoami')).toMatchObject({ roles: [] });
  });

  it.each<[string, (admin: PlainClient) => Promise<unknown>, string]>([
    ['a lock', (a) => a.result('account.update', 'ann', { locked: true }), 'Account is locked'],
    [
      'a lock by a plugin',
      (a) => a.result('door.patch_user', 'ann', { locked: true }),
      'Account is locked',
    ],
    ['a removal', (a) => a.result('account.remove', 'ann'), 'Account was removed'],
    [
      'a new password',
      (a) => a.result('account.update', 'ann', { password: { $password: 'new' } }),
      'Password was changed',
    ],
  ])('of %s: every session ends and every token is worthless', async (_, change, reason) => {
    const admin = await server.admin();
    const first = await server.user('ann', 'reader');
    const second = await server.stranger();
    const token = tokenOf(await login(second, 'ann', PASSWORD));
    const bystander = await server.user('bob', 'reader');
    await change(admin);
    for (const client of [first, second]) {
      expect(await client.closed).toEqual({ code: 4_001, reason });
      expect(client.received.at(-1)).toMatchObject({ name: 'logout', args: { reason } });
    }
    const late = await server.stranger();
    expect((await late.request('rpc', 'auth_token', { token })).args).toMatchObject({
      code: 13,
      message: 'Incorrect or expired token',
    });
    expect(await outcome(bystander, 'management.ping')).toBe('allowed');
  });

  it('of the own password: the other sessions end, this one and its token stay', async () => {
    const own = await server.user('ann', 'reader');
    const ownToken = tokenOf(await login(own, 'ann', PASSWORD));
    const other = await server.loggedIn('ann');
    const secret = (text: string) => ({ $password: text });
    const change = (old: string) => own.call('account.change_password', secret(old), secret('new'));
    expect((await change('wrong')).args).toEqual(BAD_CREDENTIALS);
    expect((await change(PASSWORD)).name).toBe('response');
    await other.closed;
    expect(await outcome(own, 'door.open')).toBe('allowed');
    const again = await server.stranger();
    expect((await again.request('rpc', 'auth_token', { token: ownToken })).name).toBe('response');
    expect((await login(again, 'ann', PASSWORD)).args).toEqual(BAD_CREDENTIALS);
    expect((await login(again, 'ann', 'new')).name).toBe('response');
  });

  it('of roles, for a token that was issued before', async () => {
    const admin = await server.admin();
    const client = await server.user('ann', 'admin');
    const token = tokenOf(await login(client, 'ann', PASSWORD));
    await admin.result('account.update', 'ann', { roles: ['reader'] });
    const late = await server.stranger();
    await late.request('rpc', 'auth_token', { token });
    expect(await late.result('door.roles')).toEqual(['reader']);
  });
});

describe('the account service', () => {
  it('never shows a hash, whatever is asked for', async () => {
    const admin = await server.admin();
    await server.user('ann', 'reader');
    const rows = await admin.result<object[]>('account.query', [['username', '=', 'ann']]);
    expect(rows).toEqual([
      {
        id: expect.any(String) as unknown,
        username: 'ann',
        roles: ['reader'],
        locked: false,
        has_password: true,
      },
    ]);
    const probed = await admin.call('account.query', [['password', '~', '^.scrypt']]);
    expect(probed.args).toEqual([]);
    expect(JSON.stringify(admin.received)).not.toContain('$scrypt');
  });

  it('stores passwords as scrypt hashes, and never writes one to its log', async () => {
    await server.user('ann', 'reader');
    await login(await server.stranger(), 'ann', 'a wrong one');
    const text = server.log.join('\n');
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain('a wrong one');
  });

  it('refuses what it cannot keep, and names users it does not know', async () => {
    const admin = await server.admin();
    await server.user('ann', 'reader');
    const code = async (method: string, ...args: unknown[]) =>
      ((await admin.call(method, ...args)).args as { code: number }).code;
    expect(await code('account.create', { username: 'ann' })).toBe(17);
    expect(await code('account.create', { username: '' })).toBe(22);
    expect(await code('account.create', { username: 'a b' })).toBe(22);
    expect(await code('account.create', { username: 'x', password: { $password: '' } })).toBe(22);
    expect(await code('account.update', 'nobody', { locked: true })).toBe(2);
    expect(await code('account.remove', 'nobody')).toBe(2);
    expect(await code('role.remove', 'nobody')).toBe(2);
  });
});
