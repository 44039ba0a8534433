import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptedServer, type ScriptedSocket } from '../../test/support/scripted-socket.js';
import { DispatcherClient, type DispatcherClientOptions } from './index.js';

let server: ScriptedServer;
let client: DispatcherClient;

function newClient(options: Partial<DispatcherClientOptions> = {}): DispatcherClient {
  const { webSocket } = server;
  const backOff = { firstMs: 1, longestMs: 1 };
  return new DispatcherClient({ url: 'ws://x/socket', webSocket, backOff, ...options });
}

/** The n-th socket of the client, opened. */
async function opened(count = 1): Promise<ScriptedSocket> {
  const socket = await server.socket(count);
  socket.open();
  return socket;
}

async function loggedIn(token = 'first'): Promise<ScriptedSocket> {
  const connected = client.connect();
  const socket = await opened();
  await connected;
  const login = client.login({ kind: 'password', username: 'ada', password: 'secret' });
  await socket.answer('auth', [token, 600, 'ada']);
  await socket.answer('management.enable_features', null);
  await login;
  return socket;
}

beforeEach(() => {
  server = new ScriptedServer();
  client = newClient();
});
afterEach(() => client.close());

describe('what a server sends', () => {
  it('that makes no sense harms nobody', async () => {
    const socket = await loggedIn();
    for (const text of ['', '{', 'null', '7', '[]', '{"namespace":"rpc"}', new Uint8Array(3)]) {
      socket.receiveRaw(text);
    }
    socket.receive('rpc', 'response', 999, 1);
    socket.receive('events', 'event', null, { args: {} });
    socket.receive('events', 'event_burst', null, { events: 'none' });
    socket.receive('events', 'event', null, { name: 'a', args: { at: { $date: 'never' } } });
    const answer = client.call('a.b');
    await socket.answer('a.b', 5);
    expect(await answer).toBe(5);
  });

  it('as a malformed answer fails the one call', async () => {
    const socket = await loggedIn();
    const answer = client.call('a.b');
    const deep = Array.from({ length: 2_000 }).reduce<unknown>((inner) => [inner], 1);
    await socket.answer('a.b', deep);
    await expect(answer).rejects.toMatchObject({ name: 'EFAULT' });
  });

  it('as what is called like an extended value and is none stays as it is', async () => {
    const socket = await loggedIn();
    const schema = { properties: { $date: { type: 'string' } }, required: ['$date'] };
    const row = { at: { $date: '2026-11-30T12:00:00.000Z' }, tag: { $date: 'never' } };
    const answer = client.call('a.b');
    await socket.answer('a.b', { schema, row });
    const at = new Date('2026-11-30T12:00:00.000Z');
    expect(await answer).toEqual({ schema, row: { ...row, at } });
  });

  it('as a call is refused, not left waiting', async () => {
    const socket = await loggedIn();
    socket.receive('rpc', 'call', 'x', { method: 'a.b', args: [] });
    expect(await socket.take('error')).toMatchObject({ id: 'x', args: { name: 'ENOENT' } });
  });
});

describe('a password', () => {
  it('is used once: the next connection is entered by the newest token', async () => {
    const socket = await loggedIn();
    expect(inspect(client, { depth: 9, showHidden: true })).not.toContain('secret');
    socket.drop();
    const second = await opened(2);
    expect((await second.take('auth_token')).args).toEqual({ token: 'first' });
    expect(second.sent).toEqual([]);
  });
});

describe('masks', () => {
  it('are asked for once and given up with their last user', async () => {
    const socket = await loggedIn();
    const [one, two] = [client.events.on('a.*', () => 0), client.events.on('a.*', () => 0)];
    expect((await socket.take('subscribe')).args).toEqual(['a.*']);
    await socket.answer('event.cursor', 'e:1');
    await Promise.all([one.ready, two.ready]);
    one.close();
    one.close();
    expect(socket.sent).toEqual([]);
    two.close();
    expect((await socket.take('unsubscribe')).args).toEqual(['a.*']);
  });

  it('that the server refuses reject the subscription', async () => {
    const socket = await loggedIn();
    const { ready } = client.events.on('x'.repeat(300), () => 0);
    await socket.answer('subscribe', { code: 22, message: 'too long' }, 'error');
    await expect(ready).rejects.toMatchObject({ name: 'EINVAL' });
    expect(client.events.masks).toEqual([]);
  });
});

describe('a connection that comes back', () => {
  it('goes on from the last event, before anything newer is told', async () => {
    const socket = await loggedIn();
    const seen: unknown[] = [];
    const { ready } = client.events.on('a', ({ args }) => seen.push(args['i']));
    await socket.answer('event.cursor', 'e:1');
    await ready;
    socket.event('a', { i: 2 }, 'e:2');
    socket.drop();
    const second = await opened(2);
    await second.answer('auth_token', ['second', 600, 'ada']);
    await second.answer('management.enable_features', null);
    const { id, args } = await second.take('event.replay');
    expect(args).toMatchObject({ args: [['a'], { since: 'e:2', subscribe: true }] });
    const events = [{ name: 'a', args: { i: 3 }, cursor: 'e:3' }];
    second.receive('rpc', 'response', id, { events, cursor: 'e:3', gap: false });
    second.event('a', { i: 4 }, 'e:4'); // in the same turn: no promise may run in between
    expect(seen).toEqual([2, 3, 4]);
    expect(client.token).toBe('second');
  });

  it('fails the calls that were in flight, and says that nobody knows what became of them', async () => {
    const socket = await loggedIn();
    const call = client.call('a.b');
    socket.drop();
    await expect(call).rejects.toMatchObject({ name: 'ECONNABORTED' });
    expect(client.state.kind).toBe('reconnecting');
  });
});
