import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient, WireFrame } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

const PLUGIN = `
import { accepts, Dispatcher, EventSource, eventSource, h, Plugin, Provider, provider, returns } from 'dispatcher';

@provider('emitter')
export class EmitterProvider extends Provider {
  @accepts(String, h.integer()) @returns(null) emit(name: string, count: number) {
    for (let i = 0; i < count; i += 1) this.dispatcher.emitEvent(name, { i });
    return null;
  }
  @accepts() @returns(Object) async replayInside() {
    const since = await this.dispatcher.callSync('event.cursor');
    this.dispatcher.emitEvent('inside', { at: new Date(0) });
    return this.dispatcher.callSync('event.replay', ['inside'], { since });
  }
  @accepts() @returns(Object) async subscribeInside() {
    const since = await this.dispatcher.callSync('event.cursor');
    return this.dispatcher.callSync('event.replay', ['inside'], { since, subscribe: true });
  }
}
@eventSource('eager.seen')
export class EagerSource extends EventSource {
  async run() {}
  enable() { this.emit('eager.seen', { why: 'enabled' }); }
}
@Plugin({ providers: [EmitterProvider, EagerSource] })
export default class {}
`;

interface SeenEvent {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly cursor: string;
}

interface Replay {
  readonly events: readonly SeenEvent[];
  readonly cursor: string;
  readonly gap: boolean;
}

let server: PluginServer;

beforeAll(async () => {
  server = await PluginServer.start({ 'emitting/index.ts': PLUGIN });
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

const cursorOf = (client: PlainClient): Promise<string> => client.result('event.cursor');

const replay = (client: PlainClient, masks: string[], options: object): Promise<Replay> =>
  client.result('event.replay', masks, options);

const isEvent = ({ name }: WireFrame): boolean => name === 'event';
const live = (client: PlainClient): readonly SeenEvent[] =>
  client.received.filter(isEvent).map(({ args }) => args as SeenEvent);

const epochOf = (cursor: string): string | undefined => cursor.split(':')[0];
const sequenceOf = (cursor: string): number => Number(cursor.split(':')[1]);

const counts = (events: readonly SeenEvent[]): unknown[] => events.map(({ args }) => args['i']);

describe('a cursor', () => {
  it('stands beside every event, in one form, and grows with each', async () => {
    const client = await server.admin();
    client.send('events', 'subscribe', null, ['seen']);
    const before = await cursorOf(client);
    await client.result('emitter.emit', 'seen', 2);
    const after = await cursorOf(client);
    const [first, second] = live(client).map(({ cursor }) => sequenceOf(cursor));
    expect(first).toBeGreaterThan(sequenceOf(before));
    expect(second).toBe(Number(first) + 1);
    expect(sequenceOf(after)).toBeGreaterThanOrEqual(Number(second));
    const epochs = [before, after, ...live(client).map(({ cursor }) => cursor)].map(epochOf);
    expect(new Set(epochs).size).toBe(1);
  });

  it('is of another epoch in another server, which is a gap', async () => {
    const other = await PluginServer.forThisTest({});
    const client = await server.admin();
    const foreign = await cursorOf(await other.admin());
    const { events, cursor, gap } = await replay(client, ['*'], { since: foreign });
    expect([events, gap]).toEqual([[], true]);
    expect(epochOf(cursor)).not.toBe(epochOf(foreign));
  });
});

describe('a replay', () => {
  it('gives what matches any of the masks since the cursor, once and in order, as it was sent', async () => {
    const client = await server.admin();
    client.send('events', 'subscribe', null, ['kept.*']);
    const since = await cursorOf(client);
    await client.result('emitter.emit', 'kept.a', 2);
    await client.result('emitter.emit', 'other', 2);
    await client.result('emitter.emit', 'kept.b', 1);
    const { events, gap } = await replay(client, ['kept.*', 'kept.a'], { since });
    expect(events).toEqual(live(client));
    expect(events.map(({ name }) => name)).toEqual(['kept.a', 'kept.a', 'kept.b']);
    expect(gap).toBe(false);
  });

  it('without subscribe subscribes to nothing', async () => {
    const client = await server.admin();
    await replay(client, ['quiet'], { since: await cursorOf(client) });
    await client.result('emitter.emit', 'quiet', 1);
    expect(await client.result('event.get_my_subscriptions')).toEqual([]);
    expect(live(client)).toEqual([]);
  });

  it('tells of a gap when the journal no longer reaches back', async () => {
    const settings = { dispatcher: { limits: { 'event-journal-events': 50 } } };
    const small = await PluginServer.forThisTest({ 'emitting/index.ts': PLUGIN }, settings);
    const client = await small.admin();
    const since = await cursorOf(client);
    await client.result('emitter.emit', 'many', 50);
    expect(counts((await replay(client, ['many'], { since })).events)).toHaveLength(50);
    await client.result('emitter.emit', 'many', 1);
    expect(await replay(client, ['many'], { since })).toMatchObject({ events: [], gap: true });
  });

  it.each(['', 'nonsense', '0:1:2', 'future'])('since %j is EINVAL', async (since) => {
    const client = await server.admin();
    const [epoch, sequence] = (await cursorOf(client)).split(':');
    const cursor = since === 'future' ? `${epoch}:${Number(sequence) + 1}` : since;
    const options = { since: cursor, subscribe: true };
    expect(await client.call('event.replay', ['x'], options)).toMatchObject({ args: { code: 22 } });
    expect(await client.result('event.get_my_subscriptions')).toEqual([]);
  });

  it('needs a login, masks and a cursor, and takes no more masks than a subscription', async () => {
    const stranger = await server.stranger();
    expect(await stranger.call('event.cursor')).toMatchObject({ args: { code: 13 } });
    const client = await server.admin();
    const since = await cursorOf(client);
    const masks = Array.from({ length: 1_001 }, (_, i) => `m${i}`);
    expect(await client.call('event.replay', ['x'], {})).toMatchObject({ args: { code: 22 } });
    expect(await client.call('event.replay', [1], { since })).toMatchObject({ args: { code: 22 } });
    const tooMany = await client.call('event.replay', masks, { since, subscribe: true });
    expect(tooMany).toMatchObject({ args: { code: 22 } });
    expect(await client.result('event.get_my_subscriptions')).toEqual([]);
  });

  it('works for a plugin, with code values, but cannot subscribe it', async () => {
    const client = await server.admin();
    expect(await client.result('emitter.replay_inside')).toMatchObject({
      events: [{ name: 'inside', args: { at: { $date: '1970-01-01T00:00:00.000Z' } } }],
      gap: false,
    });
    expect(await client.call('emitter.subscribe_inside')).toMatchObject({ args: { code: 22 } });
  });
});

describe('a replay that subscribes', () => {
  it('goes on exactly where the answer ends, while events keep coming', async () => {
    const [client, publisher] = [await server.admin(), await server.admin()];
    const since = await cursorOf(client);
    publisher.send('rpc', 'call', 'before', { method: 'emitter.emit', args: ['on', 20] });
    const resumed = replay(client, ['on', 'o*'], { since, subscribe: true });
    publisher.send('rpc', 'call', 'behind', { method: 'emitter.emit', args: ['on', 20] });
    const { events } = await resumed;
    await publisher.find(({ id }) => id === 'behind');
    await client.settled();
    const twice = Array.from({ length: 40 }, (_, i) => i % 20);
    expect(counts([...events, ...live(client)])).toEqual(twice);
    expect(await client.result('event.get_my_subscriptions')).toEqual(['on', 'o*']);
  });

  it('is answered before any event behind it, also one that it causes', async () => {
    const client = await server.admin();
    const since = await cursorOf(client);
    const options = { since, subscribe: true };
    client.send('rpc', 'call', 'resume', {
      method: 'event.replay',
      args: [['eager.*', 'next'], options],
    });
    client.send('rpc', 'call', 'next', { method: 'emitter.emit', args: ['next', 1] });
    await client.find(({ id }) => id === 'next');
    const order = client.received.filter((frame) => frame.id === 'resume' || isEvent(frame));
    expect(order.map(({ name }) => name)).toEqual(['response', 'event']);
    const { events } = order[0]?.args as Replay;
    expect(events.map(({ name, args }) => [name, args['why']])).toEqual([
      ['eager.seen', 'enabled'],
    ]);
  });

  it('subscribes over a gap too, from the cursor of the answer on', async () => {
    const client = await server.admin();
    const resumed = await replay(client, ['on'], { since: 'elsewhere:5', subscribe: true });
    expect(resumed).toMatchObject({ events: [], gap: true });
    await client.result('emitter.emit', 'on', 2);
    expect(counts(live(client))).toEqual([0, 1]);
  });
});

describe('a connection with the feature event_bursts', () => {
  const frames = (client: PlainClient): unknown[] =>
    client.received
      .filter(({ namespace }) => namespace === 'events')
      .map(({ name, args }) =>
        name === 'event' ? (args as SeenEvent).args['i'] : counts((args as Replay).events),
      );

  it('gets the events of one tick in one frame, ahead of the answer that comes after them', async () => {
    const client = await server.admin('event_bursts');
    client.send('events', 'subscribe', null, ['burst']);
    await client.result('emitter.emit', 'burst', 3);
    expect(frames(client)).toEqual([[0, 1, 2]]);
    const names = client.received.map(({ name }) => name);
    expect(names.slice(-2)).toEqual(['event_burst', 'response']);
  });

  it('gets a single event as a plain frame', async () => {
    const client = await server.admin('event_bursts');
    client.send('events', 'subscribe', null, ['burst']);
    await client.result('emitter.emit', 'burst', 1);
    expect(frames(client)).toEqual([0]);
  });

  it('sees the same events with the same cursors as one without it', async () => {
    const [burst, plain] = [await server.admin('event_bursts'), await server.admin()];
    for (const client of [burst, plain]) client.send('events', 'subscribe', null, ['same.*']);
    await plain.settled();
    await burst.result('emitter.emit', 'same.a', 10);
    await plain.settled();
    const bursts = burst.received.filter(({ name }) => name === 'event_burst');
    expect(bursts.flatMap(({ args }) => (args as Replay).events)).toEqual(live(plain));
    expect(live(plain)).toHaveLength(10);
  });
});
