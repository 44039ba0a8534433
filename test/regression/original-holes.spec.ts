import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import { TaskClient } from '../contract/task-plugin.js';
import { PlainClient, type WireErrorArgs } from '../support/plain-client.js';

/**
 * The holes that the dispatcher of FreeNAS 10 had, each tried from the outside. Most of them are also
 * covered where the behaviour belongs; here they stand in one place, so that none comes back.
 *
 * Those that need more than a server and a client are tried elsewhere:
 * - a peer that is not on this machine, proxies, throttling: contract/principals-hostile, contract/transport
 * - tokens: 256 random bits, kept as hashes, the old one revoked: src/auth/token.store
 * - passwords in the log at trace: contract/extended-values, contract/principals
 * - a password or token kept by the console: console/connection, console/calls
 * - a type registered behind its subscribers, whose count drifted: contract/external-events, src/events/interest
 * - locks without owner, released by anybody or by nobody: contract/locks
 */
const PLUGIN = `
import { accepts, description, generator, h, Plugin, Provider, provider, private as hidden, requireRoles, returns, Task, task } from 'dispatcher';

let finished = 0;
@provider('hole')
export class HoleProvider extends Provider {
  value = 'a field';
  @accepts(h.object({ name: String, id: h.optional(h.readonly(h.integer())) })) @returns(String)
  named(user) { return user.name; }
  @accepts(h.ref('Nowhere')) @returns(String) dangling() { return 'never'; }
  @accepts() @returns(String) @hidden() internal() { return 'secret'; }
  @accepts() @returns(String) @requireRoles('admin') guarded() { return 'for admins'; }
  @accepts() @returns(String) broken() { throw new Error('a secret in /etc/shadow'); }
  @accepts() @returns(h.array(h.integer())) @generator()
  async *numbers() { try { for (let n = 0; ; n += 1) yield n; } finally { finished += 1; } }
  @accepts() @returns(h.integer()) finished() { return finished; }
  undecorated() { return 'not for you'; }
}
@description('Says whose it is') @task('hole.whose', { executor: 'inline' }) @accepts() @returns(h.any())
export class Whose extends Task { verify() { return []; } run() { return this.user; } }
@Plugin({ providers: [HoleProvider, Whose] })
export default class HolePlugin {}
`;

let server: PluginServer;

beforeAll(async () => {
  server = await PluginServer.start({ 'hole.ts': PLUGIN });
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

async function errorOf(
  client: PlainClient,
  method: string,
  ...args: unknown[]
): Promise<WireErrorArgs> {
  const reply = await client.call(method, ...args);
  expect(reply.name, JSON.stringify(reply)).toBe('error');
  return reply.args as WireErrorArgs;
}

async function userWithRole(role: string): Promise<PlainClient> {
  const admin = await server.admin();
  const username = `holes-${role}`;
  const password = 'correct horse';
  await admin.call('account.create', {
    username,
    password: { $password: password },
    roles: [role],
  });
  const client = await server.stranger();
  const reply = await client.request('rpc', 'auth', { username, password });
  expect(reply.name).toBe('response');
  return client;
}

describe('A stranger', () => {
  it('is not let in by the frame of the SSH helper, nor made local by it', async () => {
    const client = await PlainClient.connect(server.process.url, {
      headers: { 'X-Real-IP': '192.0.2.7' },
    });
    client.send('transport', 'setup', 'one', ['127.0.0.1', 22]);
    expect((await client.find(({ id }) => id === 'one')).name).toBe('error');
    for (const [frame, args] of [
      ['auth', { username: 'root', password: '' }],
      ['auth', { username: 'root' }],
      ['auth_service', { name: 'etcd' }],
    ] as const) {
      expect((await client.request('rpc', frame, args)).name, frame).toBe('error');
    }
    await client.close();
  });

  it.each(['X-Real-IP', 'X-Forwarded-For', 'Forwarded', 'X-Client-IP'])(
    'is not made local by the header %s',
    async (header) => {
      const value = header === 'Forwarded' ? 'for=127.0.0.1' : '127.0.0.1';
      const client = await PlainClient.connect(server.process.url, {
        headers: { [header]: value, 'X-Real-Port': '4711' },
      });
      const reply = await client.request('rpc', 'auth', { username: 'root', password: '' });
      expect(reply).toMatchObject({ name: 'error', args: { code: 13 } });
      await client.close();
    },
  );

  it('gets an answer to a service login that is refused, and to every frame', async () => {
    const client = await server.stranger();
    client.sendRaw('{"namespace":"rpc","name":"call","id":7,"args":{"method":"hole.named"}}');
    expect((await client.find(({ id }) => id === 7)).args).toMatchObject({ code: 22 });
    client.sendRaw('{"namespace":"rpc","name":"call","args":{"method":"hole.named","args":[]}}');
    client.sendRaw('{"namespace":"rpc","id":8}');
    expect((await client.find(({ id }) => id === 8)).args).toMatchObject({ code: 22 });
    expect((await client.call('management.get_sender_address')).name).toBe('response');
  });
});

describe('No client', () => {
  it.each([
    'discovery.__init__',
    'discovery.constructor',
    'discovery.__proto__',
    'hole.toString',
    'hole.value',
    'hole.logger',
    'hole.datastore',
    'hole.undecorated',
    'hole.hasOwnProperty',
    'management.dependencies',
  ])('reaches %s', async (method) => {
    const admin = await server.admin();
    expect(await errorOf(admin, method)).toMatchObject({ code: 2, message: 'Method not found' });
    expect((await admin.call('discovery.get_services')).name).toBe('response');
  });

  it.each([
    'event.suspend',
    'event.resume',
    'task.write_resource_graph',
    'task.checkin',
    'task.put_status',
    'task.put_progress',
    'task.update_executor_environment',
    'task.task_setenv',
    'management.die_you_gravy_sucking_pig_dog',
  ])('finds the back door %s', async (method) => {
    expect(await errorOf(await server.admin(), method)).toMatchObject({ code: 2 });
  });

  it('finds a debugger: there is no such service', async () => {
    expect(await errorOf(await server.admin(), 'debug.start_backdoor')).toMatchObject({
      code: 2,
      message: 'Service debug not found',
    });
  });

  it('that is a user calls what is private or asks for a role that it has not', async () => {
    const reader = await userWithRole('reader');
    expect(await errorOf(reader, 'hole.internal')).toMatchObject({ code: 13 });
    expect(await errorOf(reader, 'hole.guarded')).toMatchObject({ code: 13 });
    expect(await errorOf(reader, 'management.shutdown')).toMatchObject({ code: 13 });
    expect(await errorOf(await server.admin(), 'hole.internal')).toMatchObject({ code: 13 });
  });

  it.each(['management', 'discovery', 'task', 'hole'])('replaces the service %s', async (name) => {
    const service = await server.service('intruder');
    const reply = await service.call('plugin.register_service', name);
    expect(reply).toMatchObject({ name: 'error', args: { code: 17 } });
    expect((await (await server.admin()).call('hole.named', { name: 'x' })).args).toBe('x');
  });

  it.each(['server.shutdown', 'task.updated', 'plugin.service_registered', 'session.message'])(
    'publishes %s',
    async (name) => {
      const listener = await server.admin();
      listener.send('events', 'subscribe', null, [name]);
      await listener.settled();
      const service = await server.service('liar');
      service.send('events', 'event', 'x', { name, args: { forged: true } });
      expect((await service.find(({ id }) => id === 'x')).args).toMatchObject({ code: 1 });
      expect(JSON.stringify(await listener.settled())).not.toContain('forged');
    },
  );

  it('sets RUN_AS_USER unless it is a service', async () => {
    const tasks = new TaskClient(await server.admin());
    const submit = ['task.submit_with_env', 'hole.whose', [], { RUN_AS_USER: 'somebody' }] as const;
    expect((await tasks.refused(...submit)).code).toBe(1);
    expect((await tasks.run('hole.whose')).result).toBe('root');
  });

  it('is told paths, stacks or secrets of what broke', async () => {
    const text = JSON.stringify(await errorOf(await server.admin(), 'hole.broken'));
    expect(text).toContain('Internal error');
    expect(text).not.toMatch(/shadow|\.ts|at /);
  });
});

describe('An answer always comes', () => {
  it('to named arguments on a method with schemas, and to null', async () => {
    const admin = await server.admin();
    const named = await admin.request('rpc', 'call', {
      method: 'hole.named',
      args: { user: { name: 'n' } },
    });
    expect(named.args).toBe('n');
    const none = await admin.request('rpc', 'call', { method: 'hole.named', args: null });
    expect(none.args).toMatchObject({ code: 22 });
  });

  it('to a schema that refers to nothing, naming it', async () => {
    expect(await errorOf(await server.admin(), 'hole.dangling', 1)).toMatchObject({
      code: 22,
      message: expect.stringContaining('Nowhere') as unknown,
    });
  });

  it('to read-only properties of what is no object', async () => {
    const admin = await server.admin('strict_validation');
    expect((await errorOf(admin, 'hole.named', 'no object')).code).toBe(22);
    expect((await admin.call('hole.named', { name: 'x' })).args).toBe('x');
    expect((await errorOf(admin, 'hole.named', { name: 'x', id: 1 })).code).toBe(22);
  });

  it('to an aborted stream, whose connection lives on and whose producer ends', async () => {
    const admin = await server.admin('streaming_responses');
    const before = await admin.result<number>('hole.finished');
    admin.send('rpc', 'call', 's', { method: 'hole.numbers', args: [] });
    await admin.find(({ id, name }) => id === 's' && name === 'fragment');
    admin.send('rpc', 'abort', 's', null);
    await admin.find(({ id, name }) => id === 's' && name === 'close');
    expect(await admin.result<number>('hole.finished')).toBe(before + 1);
  });
});

describe('A token that is gone', () => {
  it('costs neither the frame its answer nor the others their connection', async () => {
    const brief = await PluginServer.forThisTest({}, { dispatcher: { 'token-lifetime': 2 } });
    const [client, bystander] = [await brief.stranger(), await brief.service('clock')];
    const login = await client.request('rpc', 'auth', { username: 'root', password: '' });
    const [token] = login.args as [string];
    const twin = await brief.stranger();
    expect((await twin.request('rpc', 'auth_token', { token })).name).toBe('response');
    await Promise.all([client.closed, twin.closed]);
    for (const each of [client, twin]) expect(each.received.at(-1)?.name).toBe('logout');
    const late = await brief.stranger();
    const refused = await late.request('rpc', 'auth_token', { token });
    expect(refused).toMatchObject({ name: 'error', args: { code: 13 } });
    expect(await bystander.result<object[]>('management.get_connected_clients')).toHaveLength(2);
    expect((await late.request('rpc', 'auth', { username: 'root' })).name).toBe('response');
  });
});

describe('Strictness', () => {
  it('of one client is no other client’s', async () => {
    const strict = await server.admin('strict_validation');
    const lenient = await server.admin();
    expect((await errorOf(strict, 'hole.named', { name: 'x', id: 1 })).code).toBe(22);
    expect((await lenient.call('hole.named', { name: 'x', id: 1 })).args).toBe('x');
  });
});

describe('What a dead connection leaves behind', () => {
  it('is nothing: no row among the clients and no count of a subscriber', async () => {
    const admin = await server.admin();
    const countOf = async () => {
      const types = await admin.result<Record<string, { refcount: number }>>(
        'discovery.get_event_types',
      );
      return types['server.client_login']?.refcount;
    };
    const clients = () => admin.result<object[]>('management.get_connected_clients');
    const [countBefore, clientsBefore] = [await countOf(), (await clients()).length];
    for (let n = 0; n < 5; n += 1) {
      const victim = await PlainClient.loggedIn(server.process.url);
      victim.send('events', 'subscribe', null, ['server.*', 'server.client_login', '*']);
      victim.send('events', 'subscribe', null, ['server.*']);
      victim.send('events', 'unsubscribe', null, ['never.subscribed', 'server.*']);
      await victim.settled();
      victim.sendRaw('{"namespace":"events","name":"subscribe","args":{"not":"a list"}}');
      victim.socket.terminate();
      await victim.closed;
    }
    await vi.waitFor(async () => expect(await countOf()).toBe(countBefore), 10_000);
    expect((await clients()).length).toBe(clientsBefore);
  });
});
