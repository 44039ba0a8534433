import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

const PLUGIN = `
import { accepts, description, Dispatcher, h, Plugin, Provider, provider, returns } from 'dispatcher';

const heard: unknown[] = [];
@provider('emitter')
export class EmitterProvider extends Provider {
  @accepts(String, h.integer()) @returns(null) emit(name: string, count: number) {
    for (let i = 0; i < count; i += 1) this.dispatcher.emitEvent(name, { i });
    return null;
  }
  @accepts() @returns(null) emitThenChange() {
    const args: any = { list: [1], date: new Date(0) };
    this.dispatcher.emitEvent('changed.later', args);
    args.list.push(2);
    return null;
  }
  @description('What the handlers got') heard() { return heard.splice(0); }
}
@Plugin({ providers: [EmitterProvider] })
export default class {
  constructor(private readonly dispatcher: Dispatcher) {}
  init() {
    this.dispatcher.registerEventHandler('heard.*', () => { throw new Error('a handler that throws'); });
    this.dispatcher.registerEventHandler('heard.*', async () => { throw new Error('a handler that rejects'); });
    this.dispatcher.registerEventHandler('heard.*', (args, name) => { heard.push([name, args]); });
  }
}
`;

let server: PluginServer;

beforeAll(async () => {
  server = await PluginServer.start({ 'emitter.ts': PLUGIN });
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

/** Names of the events a client got, but for those of connections coming and going meanwhile. */
const names = (client: PlainClient) =>
  client.received
    .filter(({ namespace, name }) => namespace === 'events' && name === 'event')
    .map(({ args }) => (args as { name: string }).name)
    .filter((name) => !name.startsWith('server.client_'));

async function subscriber(...masks: readonly string[]): Promise<PlainClient> {
  const client = await server.admin();
  client.send('events', 'subscribe', 'unanswered', masks);
  await client.settled();
  return client;
}

/** The names that reached `client` by the time everything of these was published. */
async function received(client: PlainClient, ...published: readonly string[]): Promise<string[]> {
  const before = names(client).length;
  for (const name of published) await client.result('emitter.emit', name, 1);
  return names(client).slice(before);
}

describe('a mask', () => {
  it.each<[string, string[], string[]]>([
    ['a.b', ['a.b'], ['a.bc', 'a', 'A.b', 'xa.b']],
    ['a.*', ['a.b', 'a.b.c', 'a.'], ['a', 'b.a.c']],
    ['*.c', ['a.c', 'a.b.c', '.c'], ['c', 'a.cd']],
    ['a?c', ['abc', 'a.c'], ['ac', 'abbc']],
    ['[ab].[!c]', ['a.b', 'b.d'], ['c.b', 'a.c', 'ab']],
    ['[a-c]x', ['ax', 'bx'], ['dx', '-x']],
    ['a[', ['a['], ['a', 'a[b']],
    ['a\\*', ['a\\bc'], ['a*']],
    ['(a|b)+', ['(a|b)+'], ['a', 'b']],
    ['', [], ['a']],
  ])('%j is a shell glob', async (mask, matching, others) => {
    const client = await subscriber(mask);
    expect(await received(client, ...matching, ...others)).toEqual(matching);
  });

  it('that is hostile costs nobody anything', async () => {
    const client = await subscriber(`${'*a'.repeat(127)}b`);
    expect(await received(client, 'a'.repeat(256))).toEqual([]);
  });
});

describe('an event', () => {
  it('reaches a connection once, however many masks match and however often they are given', async () => {
    const client = await subscriber('*', 'once.*', 'once.a', '*', 'once.?');
    expect(await received(client, 'once.a')).toEqual(['once.a']);
  });

  it('reaches every subscriber, and nobody else', async () => {
    const [one, two, other] = [
      await subscriber('x.*'),
      await subscriber('x.y'),
      await subscriber('z'),
    ];
    await one.result('emitter.emit', 'x.y', 1);
    expect([
      names(await drained(one)),
      names(await drained(two)),
      names(await drained(other)),
    ]).toEqual([['x.y'], ['x.y'], []]);
  });

  it('no longer comes after its mask was taken back, whatever was subscribed otherwise', async () => {
    const client = await subscriber('u.*', 'u.a', 'v');
    client.send('events', 'unsubscribe', null, ['u.*', 'never subscribed', 'u.?']);
    expect(await received(client, 'u.a', 'u.b', 'v')).toEqual(['u.a', 'v']);
    client.send('events', 'unsubscribe', null, ['u.a', 'v']);
    expect(await received(client, 'u.a', 'u.b', 'v')).toEqual([]);
    client.send('events', 'subscribe', null, ['u.*']);
    expect(await received(client, 'u.a')).toEqual(['u.a']);
  });

  it('keeps the order of its publisher', async () => {
    const client = await subscriber('order.*');
    await client.result('emitter.emit', 'order.x', 500);
    const order = client.received
      .filter(({ name }) => name === 'event')
      .map(({ args }) => (args as { args: { i: number } }).args.i);
    expect(order).toEqual(Array.from({ length: 500 }, (_, i) => i));
  });

  it('is one frame with a name, args and a timestamp that is filled in where it is missing', async () => {
    const client = await subscriber('stamped');
    client.send('events', 'event', null, { name: 'stamped', args: { a: 1 } });
    client.send('events', 'event', null, { name: 'stamped', args: { timestamp: 'mine' } });
    await client.settled();
    const [first, second] = client.received.filter(({ namespace }) => namespace === 'events');
    const timestamp = { $date: expect.stringMatching(/^\d{4}-.*Z$/) as unknown };
    expect(first).toMatchObject({
      namespace: 'events',
      name: 'event',
      id: null,
      args: { name: 'stamped', args: { a: 1, timestamp } },
    });
    expect(second?.args).toMatchObject({ args: { timestamp: 'mine' } });
  });

  it('says what it said when it was published', async () => {
    const client = await subscriber('changed.later');
    await client.result('emitter.emit_then_change');
    const event = await client.find(({ name }) => name === 'event');
    expect(event.args).toMatchObject({
      args: { list: [1], date: { $date: '1970-01-01T00:00:00.000Z' } },
    });
  });

  it('reaches the handlers of plugins, whatever the other handlers throw', async () => {
    const client = await server.admin();
    client.send('events', 'event', null, { name: 'heard.it', args: { a: 1 } });
    expect(await client.result('emitter.heard')).toMatchObject([['heard.it', { a: 1 }]]);
  });
});

describe('subscribing', () => {
  it('is not answered when it is well formed, with an id or without', async () => {
    const client = await subscriber('a');
    client.send('events', 'unsubscribe', 'unanswered', ['a', 'b']);
    await client.settled();
    expect(client.received.filter(({ id }) => id === 'unanswered')).toEqual([]);
  });

  it('before login has no effect at all, not even after it', async () => {
    const client = await server.stranger();
    client.send('events', 'subscribe', null, ['*']);
    client.send('events', 'subscribe', 'asked', ['*']);
    expect((await client.find(({ id }) => id === 'asked')).args).toMatchObject({ code: 13 });
    await client.request('rpc', 'auth', { username: 'root', password: '' });
    expect(await received(client, 'a')).toEqual([]);
    expect(client.received.filter(({ namespace }) => namespace === 'events')).toEqual([]);
  });

  it('right behind a login takes effect before the call behind it', async () => {
    const client = await server.stranger();
    client.send('rpc', 'auth', 1, { username: 'root', password: '' });
    client.send('events', 'subscribe', null, ['quick']);
    client.send('rpc', 'call', 2, { method: 'emitter.emit', args: ['quick', 1] });
    client.send('events', 'unsubscribe', null, ['quick']);
    client.send('rpc', 'call', 3, { method: 'emitter.emit', args: ['quick', 1] });
    await client.find(({ id }) => id === 3);
    expect(names(client)).toEqual(['quick']);
  });

  it.each([[['a', 1]], ['a'], [{ 0: 'a' }], [null], [[['a']]]])(
    'to %j is an error, and nothing of it is subscribed',
    async (masks) => {
      const client = await server.admin();
      client.send('events', 'subscribe', 'bad', masks);
      expect((await client.find(({ id }) => id === 'bad')).args).toMatchObject({ code: 22 });
      expect(await received(client, 'a')).toEqual([]);
    },
  );
});

describe('publishing', () => {
  it.each(['server.x', 'task.created', 'plugin.x', 'session.message'])(
    'is nobody’s right for %s but the server’s',
    async (name) => {
      const watcher = await subscriber('*');
      const service = await server.service('helper');
      service.send('events', 'event', 'mine', { name, args: {} });
      expect((await service.find(({ id }) => id === 'mine')).args).toMatchObject({ code: 1 });
      expect(await watcher.call('emitter.emit', name, 1)).toMatchObject({ args: { code: 1 } });
      expect(names(watcher).filter((seen) => seen === name)).toEqual([]);
    },
  );

  it('is free for names that only look like those', async () => {
    const client = await subscriber('*');
    expect(await received(client, 'servers.x', 'task', 'my.server.x')).toEqual([
      'servers.x',
      'task',
      'my.server.x',
    ]);
  });

  it('before login reaches nobody', async () => {
    const [watcher, stranger] = [await subscriber('*'), await server.stranger()];
    stranger.send('events', 'event', null, { name: 'silent', args: {} });
    stranger.send('events', 'event', 'asked', { name: 'loud', args: {} });
    expect((await stranger.find(({ id }) => id === 'asked')).args).toMatchObject({ code: 13 });
    expect(stranger.received).toHaveLength(1);
    expect(names(await drained(watcher))).toEqual([]);
  });

  it('a burst publishes all of its events, in order', async () => {
    const watcher = await subscriber('burst.*');
    const service = await server.service('helper');
    const events = ['burst.a', 'burst.b', 'burst.c'].map((name) => ({ name, args: {} }));
    service.send('events', 'event_burst', null, { events });
    await service.settled();
    expect(names(await drained(watcher))).toEqual(['burst.a', 'burst.b', 'burst.c']);
    expect(watcher.received.filter(({ name }) => name === 'event_burst')).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['without a name', { args: {} }],
    ['without args', { name: 'x' }],
    ['with args that are no object', { name: 'x', args: [1] }],
    ['that is a text', 'x'],
  ])('an event %s is an error under its id', async (_, event) => {
    const client = await server.admin();
    client.send('events', 'event', 'bad', event);
    expect((await client.find(({ id }) => id === 'bad')).args).toMatchObject({ code: 22 });
  });
});

/** Everything published before now has arrived. */
async function drained(client: PlainClient): Promise<PlainClient> {
  await client.settled();
  return client;
}
