import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LocalEventFanout } from '../cluster/local/index.js';
import { Logger } from '../sdk/index.js';

import { EventRouter } from './event-router.js';

class RecordingLogger extends Logger {
  trace = vi.fn();
  debug = vi.fn();
  info = vi.fn();
  warn = vi.fn();
  error = vi.fn();
}

const first = { publisher: 'first' };
const second = { publisher: 'second' };
let logger: RecordingLogger;
let events: EventRouter;
let delivered: string[];
/** Ends of the synchronous handler's turns, oldest first. */
let turns: { readonly name: string; readonly end: () => void; readonly fail: () => void }[];

beforeEach(() => {
  logger = new RecordingLogger();
  events = new EventRouter({
    logger,
    now: () => new Date(0),
    fanout: new LocalEventFanout('epoch', { events: 10_000, bytes: 10_000_000 }),
    typeOf: () => undefined,
  });
  delivered = [];
  turns = [];
  events.addSink({ deliver: ({ name }) => void delivered.push(name) });
});

const addSync = (mask: string): void =>
  events.addHandler(
    mask,
    (_, name) =>
      new Promise((resolve, reject) => {
        turns.push({ name, end: resolve, fail: () => reject(new Error('boom')) });
      }),
    { sync: true },
  );
const publish = (name: string, publisher: object): void =>
  events.publishForeign(name, {}, publisher);
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a synchronous handler', () => {
  it.each(['end', 'fail'] as const)(
    'keeps back the next event of the same publisher until its turn ends (%s)',
    async (outcome) => {
      addSync('slow');
      publish('slow', first);
      publish('a', first);
      publish('b', first);
      await settled();
      expect(delivered).toEqual(['slow']);
      turns[0]?.[outcome]();
      await settled();
      expect(delivered).toEqual(['slow', 'a', 'b']);
    },
  );

  it('keeps back nobody else, nor the server', () => {
    addSync('slow');
    publish('slow', first);
    publish('other', second);
    events.publish('server.own', {});
    expect(delivered).toEqual(['slow', 'other', 'server.own']);
  });

  it('is waited for again by each of the events that were kept back', async () => {
    addSync('slow.*');
    publish('slow.1', first);
    publish('slow.2', first);
    publish('last', first);
    expect(delivered).toEqual(['slow.1']);
    turns[0]?.end();
    await settled();
    expect(delivered).toEqual(['slow.1', 'slow.2']);
    turns[1]?.end();
    await settled();
    expect(delivered).toEqual(['slow.1', 'slow.2', 'last']);
  });

  it('makes wait for the slowest, where there are several', async () => {
    addSync('slow');
    addSync('slow');
    publish('slow', first);
    publish('next', first);
    turns[0]?.end();
    await settled();
    expect(delivered).toEqual(['slow']);
    turns[1]?.end();
    await settled();
    expect(delivered).toEqual(['slow', 'next']);
  });

  it('may publish, also in the name of the publisher it keeps waiting', async () => {
    events.addHandler(
      'slow',
      async () => {
        publish('from the handler', second);
        publish('of the same publisher', first);
        await settled();
        publish('later', second);
      },
      { sync: true },
    );
    publish('slow', first);
    publish('next', first);
    await vi.waitFor(() => expect(delivered).toHaveLength(5));
    expect(delivered).toEqual([
      'slow',
      'from the handler',
      'later',
      'of the same publisher',
      'next',
    ]);
  });

  it('leaves what is published meanwhile behind what was kept back before', async () => {
    addSync('slow');
    events.addHandler('a', () => publish('because of a', first));
    for (const name of ['slow', 'a', 'b']) publish(name, first);
    turns[0]?.end();
    await settled();
    expect(delivered).toEqual(['slow', 'a', 'b', 'because of a']);
  });

  it('holds nobody up when it settles at once', () => {
    events.addHandler('quick', () => undefined, { sync: true });
    publish('quick', first);
    publish('next', first);
    expect(delivered).toEqual(['quick', 'next']);
  });

  it('is waited for no longer once a thousand events have gathered, and that is logged once', async () => {
    addSync('slow');
    publish('slow', first);
    for (let i = 0; i < 1_005; i += 1) publish(`e${i}`, first);
    await settled();
    expect(delivered).toHaveLength(1_001);
    expect(delivered.at(-1)).toBe('e999');
    expect(logger.error).toHaveBeenCalledOnce();
    turns[0]?.end();
    await settled();
    expect(delivered.at(-1)).toBe('e1004');
    expect(delivered).toHaveLength(1_006);
  });
});

describe('events under synchronous handlers', () => {
  it('are all delivered, in the order of each publisher, however the handlers settle', async () => {
    const publishers = [first, second];
    const action = fc.oneof(
      fc.record({ publisher: fc.nat(1), isSlow: fc.boolean() }),
      fc.record({ settle: fc.nat(5) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        delivered.length = 0;
        turns.length = 0;
        const sent: string[][] = [[], []];
        const own = new EventRouter({
          logger,
          now: () => new Date(0),
          fanout: new LocalEventFanout('epoch', { events: 100, bytes: 100_000 }),
          typeOf: () => undefined,
        });
        own.addSink({ deliver: ({ name }) => void delivered.push(name) });
        own.addHandler(
          'slow.*',
          (_, name) =>
            new Promise((end, fail) => turns.push({ name, end, fail: () => fail(new Error()) })),
          { sync: true },
        );
        let count = 0;
        for (const step of actions) {
          if ('settle' in step) {
            turns.splice(step.settle, 1).forEach(({ end }) => end());
            await Promise.resolve();
            continue;
          }
          const name = `${step.isSlow ? 'slow' : 'quick'}.${step.publisher}.${(count += 1)}`;
          sent[step.publisher]?.push(name);
          own.publishForeign(name, {}, publishers[step.publisher] ?? first);
        }
        await settled();
        while (turns.length > 0) {
          turns.splice(0).forEach(({ end }) => end());
          await settled();
        }
        const of = (publisher: number): string[] =>
          delivered.filter((name) => name.split('.')[1] === String(publisher));
        expect([of(0), of(1)]).toEqual(sent);
      }),
      { numRuns: 50 },
    );
  });
});
