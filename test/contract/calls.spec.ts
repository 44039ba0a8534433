import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

const PLUGIN = `
import { accepts, description, h, Plugin, Provider, private as internal, provider, requireRoles, returns,
         sender, type Sender, signal, unauthenticated } from 'dispatcher';

@provider('calls')
export class CallsProvider extends Provider {
  readonly waiting = new Map<string, (value: string) => void>();
  readonly seen = new Map<string, string>();

  @accepts(String) @returns(String)
  hold(name: string, @signal() stop: AbortSignal) {
    return new Promise<string>((resolve) => {
      this.waiting.set(name, resolve);
      stop.addEventListener('abort', () => { this.seen.set(name, (stop.reason as Error).constructor.name); resolve('aborted'); });
    });
  }
  @accepts(String) @returns(String) deaf(name: string) {
    return new Promise<string>((resolve) => this.waiting.set(name, resolve));
  }
  @accepts(String) @returns(Boolean) letGo(name: string) {
    const resolve = this.waiting.get(name);
    resolve?.('let go');
    return resolve !== undefined;
  }
  @accepts(String) @returns(h.nullable(String)) reason(name: string) { return this.seen.get(name) ?? null; }
  @accepts() @returns(h.any()) who(@sender() who: Sender) {
    return { kind: who.kind, user: who.user, roles: who.roles, address: who.address, sessionId: who.sessionId };
  }
  @accepts() @returns(String) @internal() secret() { return 'for plugins'; }
  @accepts() @returns(String) @requireRoles('operator') guarded() { return 'for operators'; }
  @accepts() @returns(h.any()) @unauthenticated() open(@sender() who: Sender) { return [who.kind, who.user]; }
  @accepts() @returns(h.any()) async byPlugin() {
    return [await this.dispatcher.callSync('calls.secret'), await this.dispatcher.callSync('calls.guarded'),
            await this.dispatcher.callSync('calls.who')];
  }
}
@Plugin({ providers: [CallsProvider] }) export default class {}
`;

const CANCELED = 'RpcException';

let server: PluginServer;

beforeAll(async () => {
  server = await PluginServer.start(
    { 'calls/index.ts': PLUGIN },
    { dispatcher: { limits: { 'calls-in-flight': 8 } } },
  );
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

const hold = (client: PlainClient, id: unknown, name: string, method = 'hold') =>
  client.send('rpc', 'call', id, { method: `calls.${method}`, args: [name] });
const answersTo = (client: PlainClient, id: unknown) =>
  client.received.filter((frame) => frame.id === id);

describe('abort', () => {
  it('fires the signal of the call and is answered by close, once', async () => {
    const client = await server.admin();
    hold(client, 'a', 'abort');
    await client.settled();
    client.send('rpc', 'abort', 'a', null);
    expect(await client.find(({ id }) => id === 'a')).toMatchObject({ name: 'close', args: null });
    expect(await client.result('calls.reason', 'abort')).toBe(CANCELED);
    client.send('rpc', 'abort', 'a', null);
    const again = await client.find(({ id, name }) => id === 'a' && name === 'error');
    expect(again.args).toMatchObject({ code: 2, message: 'Invalid call' });
    expect(answersTo(client, 'a')).toHaveLength(2);
  });

  it('frees the id and its place at once, even if the method does not listen', async () => {
    const client = await server.admin();
    hold(client, 'b', 'deaf', 'deaf');
    client.send('rpc', 'abort', 'b', null);
    await client.find(({ id }) => id === 'b');
    client.send('rpc', 'call', 'b', { method: 'management.ping', args: [] });
    await client.find(({ args }) => args === 'pong');
    expect(await client.result('calls.let_go', 'deaf')).toBe(true);
    expect(answersTo(client, 'b').map(({ name }) => name)).toEqual(['close', 'response']);
  });

  it('of one connection does not touch a call of the same id on another', async () => {
    const [one, two] = [await server.admin(), await server.admin()];
    hold(one, 7, 'one');
    hold(two, 7, 'two');
    await two.settled();
    one.send('rpc', 'abort', 7, null);
    await one.find(({ id }) => id === 7);
    expect(await two.result('calls.let_go', 'two')).toBe(true);
    expect(await two.find(({ id }) => id === 7)).toMatchObject({ args: 'let go' });
    expect(await two.result('calls.reason', 'two')).toBeNull();
  });

  it('tells ids of different types apart', async () => {
    const client = await server.admin();
    hold(client, 7, 'number');
    hold(client, '7', 'text');
    client.send('rpc', 'abort', '7', null);
    expect((await client.find(({ id }) => id === '7')).name).toBe('close');
    await client.result('calls.let_go', 'number');
    expect((await client.find(({ id }) => id === 7)).args).toBe('let go');
  });
});

describe('calls in flight', () => {
  it('overtake each other, and answers go to whom they belong', async () => {
    const client = await server.admin();
    hold(client, 'slow', 'overtaken');
    expect(await client.result('management.ping')).toBe('pong');
    expect(answersTo(client, 'slow')).toEqual([]);
    await client.result('calls.let_go', 'overtaken');
    expect((await client.find(({ id }) => id === 'slow')).args).toBe('let go');
  });

  it('are counted for each connection, and a place is free again after an answer or an abort', async () => {
    const [client, other] = [await server.admin(), await server.admin()];
    for (let i = 0; i < 9; i += 1) hold(client, i, `place ${i}`);
    expect((await client.find(({ id }) => id === 8)).args).toEqual({
      code: 16,
      name: 'EBUSY',
      message: 'Number of simultaneous requests exceeded',
    });
    expect(await other.result('calls.let_go', 'place 0')).toBe(true);
    await client.find(({ id }) => id === 0);
    hold(client, 'freed by an answer', 'x');
    client.send('rpc', 'abort', 1, null);
    hold(client, 'freed by an abort', 'y');
    hold(client, 'one too many', 'z');
    expect((await client.find(({ id }) => id === 'one too many')).args).toMatchObject({ code: 16 });
    expect(client.received.filter(({ name }) => name === 'error')).toHaveLength(2);
  });

  it('are cancelled when their connection goes', async () => {
    const [client, observer] = [await server.admin(), await server.admin()];
    hold(client, 1, 'gone');
    await client.settled();
    client.socket.terminate();
    await expect.poll(() => observer.result('calls.reason', 'gone')).not.toBeNull();
  });
});

describe('who may call', () => {
  it('a user may not call what is private, a service and a plugin may', async () => {
    const [user, service] = [await server.admin(), await server.service('helper')];
    expect((await user.call('calls.secret')).args).toEqual({
      code: 13,
      name: 'EACCES',
      message:
        'Insufficient privileges: the method is private, which means for plugins and services only',
    });
    expect(await service.result('calls.secret')).toBe('for plugins');
    expect(await user.result<unknown[]>('calls.by_plugin')).toMatchObject([
      'for plugins',
      'for operators',
      { kind: 'plugin', user: 'calls' },
    ]);
  });

  it('a service principal has every role', async () => {
    const service = await server.service('helper');
    expect(await service.result('calls.guarded')).toBe('for operators');
    expect(await service.result('calls.who')).toMatchObject({ kind: 'service', user: 'helper' });
  });

  it('anybody may call what is unauthenticated, and nothing else before login', async () => {
    const stranger = await server.stranger();
    expect(await stranger.result('calls.open')).toEqual(['anonymous', null]);
    for (const method of [
      'calls.who',
      'calls.secret',
      'calls.guarded',
      'management.enable_features',
    ]) {
      expect((await stranger.call(method)).args).toMatchObject({
        code: 13,
        message: 'Not logged in',
      });
    }
  });

  it('a local user who is not in the store is refused, whoever opened the socket', async () => {
    const stranger = await server.stranger();
    const reply = await stranger.request('rpc', 'auth', { username: 'daemon', password: '' });
    expect(reply.args).toEqual({ code: 13, name: 'EACCES', message: 'Not authorized' });
    expect((await stranger.call('management.ping')).args).toMatchObject({ code: 13 });
  });

  it('a sender is described to the method, and a second login replaces the first', async () => {
    const client = await server.stranger();
    await client.request('rpc', 'auth', { username: 'root', password: '', resource: 'test' });
    const first = await client.result<{ sessionId: number }>('calls.who');
    expect(first).toEqual({
      kind: 'user',
      user: 'root',
      roles: expect.arrayContaining(['admin']) as unknown,
      address: expect.stringMatching(/^127\.0\.0\.1,\d+$/) as unknown,
      sessionId: expect.any(Number) as unknown,
    });
    await client.request('rpc', 'auth_service', { name: 'second' });
    expect(await client.result('calls.who')).toMatchObject({ kind: 'service', user: 'second' });
  });
});

describe('a login in progress', () => {
  it('holds back everything behind it, in order, other logins included', async () => {
    const client = await server.stranger();
    const login = { username: 'root', password: '' };
    client.send('rpc', 'call', 1, { method: 'calls.open', args: [] });
    client.send('rpc', 'auth', 2, login);
    client.send('rpc', 'call', 3, { method: 'calls.open', args: [] });
    client.send('rpc', 'auth_service', 4, { name: 'svc' });
    client.send('rpc', 'call', 5, { method: 'calls.open', args: [] });
    client.send('rpc', 'auth', 6, { ...login, password: 'wrong' });
    client.send('rpc', 'call', 7, { method: 'calls.open', args: [] });
    client.sendRaw('not json');
    await client.find(({ id }) => id === null);
    expect(client.received.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, null]);
    const seen = new Map(client.received.map(({ id, args }) => [id, args]));
    expect([1, 3, 5].map((id) => seen.get(id))).toEqual([
      ['anonymous', null],
      ['user', 'root'],
      ['service', 'svc'],
    ]);
  });

  it('of one connection holds back nobody else', async () => {
    const [client, other] = [await server.stranger(), await server.admin()];
    const count = 50;
    for (let i = 0; i < count; i += 1)
      client.send('rpc', 'auth', i, { username: 'root', password: '' });
    expect(await other.result('management.ping')).toBe('pong');
    await client.find(({ id }) => id === count - 1);
    expect(client.received.map(({ id }) => id)).toEqual(Array.from({ length: count }, (_, i) => i));
  });
});
