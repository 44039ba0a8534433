import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LocalEventFanout } from '../../cluster/local/index.js';
import { EventRouter } from '../../events/index.js';
import type { Logger } from '../../sdk/index.js';
import type { Connection } from './connection.js';
import type { EventBatch } from './event-batch.js';
import { EventFrames } from './event-frames.js';
import type { Frame } from './frame.js';

/** The parts of a connection that events need; what is sent to it is kept as text. */
function fakeConnection(kind: 'user' | 'service' | 'anonymous' = 'service') {
  const sent: string[] = [];
  const connection = {
    masks: new Set<string>(),
    isLoggedIn: kind !== 'anonymous',
    sender: { kind, roles: [] },
    sendEvent: (event: EventBatch) => {
      const text = Buffer.concat(event.frames('plain')).toString('latin1');
      sent.push(/"args":{"name":"([^"]*)"/.exec(text)?.[1] ?? text);
    },
  };
  return { connection: connection as unknown as Connection, sent };
}

const frame = (args: unknown): Frame => ({
  namespace: 'events',
  name: 'any',
  id: null,
  args,
  hasExtended: false,
  numberFault: null,
});

const subscriber = {
  kind: 'service',
  user: 'any',
  roles: [],
  address: 'unix,1',
  sessionId: null,
} as const;

let journal: LocalEventFanout;
let router: EventRouter;
let frames: EventFrames;

beforeEach(() => {
  journal = new LocalEventFanout('now', { events: 100, bytes: 1_000_000 });
  router = new EventRouter({
    logger: { error: vi.fn() } as unknown as Logger,
    now: () => new Date(0),
    fanout: journal,
    typeOf: () => undefined,
  });
  frames = new EventFrames(router, journal);
  router.addSink(frames);
});

describe('subscriptions', () => {
  it('are each taken back alone', () => {
    const { connection, sent } = fakeConnection();
    frames.subscribe(connection, frame(['a.*', 'a.x', 'b']));
    frames.unsubscribe(connection, frame(['a.x', 'never', 'a.x']));
    for (const name of ['a.x', 'b']) router.publish(name, {});
    frames.unsubscribe(connection, frame(['a.*']));
    for (const name of ['a.x', 'b']) router.publish(name, {});
    expect(sent).toEqual(['a.x', 'b', 'b']);
  });

  it('leave no interest behind when their connection goes, however often they were given', () => {
    const [one, two] = [fakeConnection(), fakeConnection()];
    for (const { connection } of [one, two, one]) {
      frames.subscribe(connection, frame(['a.*', 'a.x', 'a.*']));
    }
    frames.resume(one.connection, { masks: ['a.*', 'a.x', 'b'], since: 'now:0', subscriber });
    expect(router.interest.countOf('a.x')).toBe(4);
    frames.forget(one.connection);
    frames.forget(one.connection);
    expect(router.interest.countOf('a.x')).toBe(2);
    frames.forget(two.connection);
    expect([router.interest.countOf('a.x'), router.interest.countOf('b')]).toEqual([0, 0]);
    router.publish('a.x', {});
    expect([one.sent, two.sent]).toEqual([[], []]);
  });
});

describe('a resumed connection', () => {
  it('is told once what a source published because of it, in the replay', () => {
    const { connection, sent } = fakeConnection();
    router.interest.watch('eager', {
      enable: () => router.publish('eager', {}),
      disable: () => undefined,
    });
    const { events, cursor } = frames.resume(connection, {
      masks: ['eager'],
      since: 'now:0',
      subscriber,
    });
    expect([events.length, cursor, sent]).toEqual([1, 'now:1', []]);
    router.publish('eager', {});
    expect(sent).toEqual(['eager']);
  });

  it('is subscribed to nothing when its cursor is refused', () => {
    const { connection } = fakeConnection();
    const request = { masks: ['a'], since: 'now:9', subscriber };
    expect(() => frames.resume(connection, request)).toThrow('Cursor now:9');
    expect([connection.masks.size, router.interest.countOf('a')]).toEqual([0, 0]);
  });
});

describe('a burst of a client', () => {
  it.each<[string, object]>([
    ['a name of the server', { name: 'server.x', args: {} }],
    ['an empty name', { name: '', args: {} }],
    ['no args', { name: 'x' }],
  ])('publishes nothing at all when one of its events has %s', (_, bad) => {
    const [publisher, reader] = [fakeConnection(), fakeConnection()];
    frames.subscribe(reader.connection, frame(['*']));
    const good = { name: 'good', args: {} };
    const burst = frame({ events: [good, bad, good] });
    expect(() => frames.publishBurst(publisher.connection, burst)).toThrow();
    expect([reader.sent, journal.cursor]).toEqual([[], 'now:0']);
  });
});

describe('an event for some connections', () => {
  it('reaches those of them that are subscribed, and is not replayed', () => {
    const [one, two, other] = [fakeConnection(), fakeConnection(), fakeConnection()];
    frames.subscribe(one.connection, frame(['session.*', '*']));
    frames.subscribe(other.connection, frame(['*']));
    const message = { name: 'session.message', args: { message: 'hello' } };
    frames.sendTo([one.connection, two.connection], message);
    expect([one.sent, two.sent, other.sent]).toEqual([['session.message'], [], []]);
    expect(frames.replay({ masks: ['*'], since: 'now:0', subscriber }).events).toEqual([]);
  });
});
