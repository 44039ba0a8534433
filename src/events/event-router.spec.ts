import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LocalEventFanout } from '../cluster/local/index.js';
import { h, Logger } from '../sdk/index.js';
import { SchemaRegistry } from '../schema/index.js';

import { EventRouter } from './event-router.js';
import type { EventType } from './event-type.js';

class RecordingLogger extends Logger {
  trace = vi.fn();
  debug = vi.fn();
  info = vi.fn();
  warn = vi.fn();
  error = vi.fn();
}

const NOW = new Date(0);
const schemas = new SchemaRegistry();
const typed = (schema: Parameters<SchemaRegistry['compileValue']>[0]): EventType => {
  const validator = schemas.compileValue(schema, 'result');
  return { description: null, schema: validator.schema, validator, source: null };
};

let logger: RecordingLogger;
let types: Map<string, EventType>;
let events: EventRouter;
let journal: LocalEventFanout;
let seen: string[];

beforeEach(() => {
  logger = new RecordingLogger();
  types = new Map();
  journal = new LocalEventFanout('epoch', { events: 100, bytes: 1_000_000 });
  events = new EventRouter({
    logger,
    now: () => NOW,
    fanout: journal,
    typeOf: (name) => types.get(name),
  });
  seen = [];
});

const record = (who: string) => ({
  deliver: ({ name }: { name: string }) => void seen.push(`${who} ${name}`),
});

const sequenceOf = ({ json }: { json: string }): string =>
  (JSON.parse(json) as { cursor: string }).cursor.replace('epoch:', '');

describe('the event router', () => {
  it('hands each event on before the next, to handlers as they were added and then to sinks', () => {
    events.addSink(record('sink'));
    events.addHandler('disk.*', (_, name) => void seen.push(`first ${name}`));
    events.addHandler('*', (_, name) => void seen.push(`second ${name}`));
    events.publish('disk.added', {});
    events.publish('user.added', {});
    expect(seen).toEqual([
      'first disk.added',
      'second disk.added',
      'sink disk.added',
      'second user.added',
      'sink user.added',
    ]);
  });

  it('adds the time of an event that carries none, and leaves one that does as it is', () => {
    const deliver = vi.fn();
    events.addSink({ deliver });
    const own = { timestamp: 'mine' };
    const bare = { a: 1 };
    events.publishForeign('x', bare);
    events.publishForeign('x', own);
    expect(deliver.mock.calls).toMatchObject([
      [{ name: 'x', args: { a: 1, timestamp: NOW } }],
      [{ name: 'x', args: own }],
    ]);
    expect(bare).toEqual({ a: 1 });
  });

  it('stops telling a handler or sink that was removed, also by itself', () => {
    const handler = (): void => {
      seen.push('once');
      events.removeHandler('*', handler);
    };
    const sink = record('sink');
    events.addHandler('*', handler);
    events.addSink(sink);
    events.publish('x', {});
    events.removeSink(sink);
    events.publish('x', {});
    expect(seen).toEqual(['once', 'sink x']);
  });
});

describe('a consumer of events that fails', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
  ])('keeps no event from the others when a handler %s', async (_, handler) => {
    events.addHandler('*', handler);
    events.addHandler('*', () => void seen.push('other handler'));
    events.addSink(record('sink'));
    expect(() => events.publish('x', {})).not.toThrow();
    expect(seen).toEqual(['other handler', 'sink x']);
    await vi.waitFor(() => {
      expect(logger.error).toHaveBeenCalledExactlyOnceWith(
        'Event handler failed',
        expect.objectContaining({ event: 'x', mask: '*' }),
      );
    });
  });

  it('keeps no event from the other sinks when a sink throws', () => {
    events.addSink({
      deliver: () => {
        throw new Error('boom');
      },
    });
    events.addSink(record('other sink'));
    expect(() => events.publish('x', {})).not.toThrow();
    expect(seen).toEqual(['other sink x']);
    expect(logger.error).toHaveBeenCalledExactlyOnceWith(
      'Event could not be delivered',
      expect.objectContaining({ event: 'x', error: expect.any(Error) as Error }),
    );
  });
});

describe('an event that has no JSON form', () => {
  it('is logged, reaches handlers and no sink, and leaves no hole in the order', () => {
    events.addSink({ deliver: (event) => void seen.push(`${sequenceOf(event)} ${event.name}`) });
    events.addHandler('*', (_, name) => void seen.push(name));
    const endless: Record<string, unknown> = {};
    endless['self'] = endless;
    expect(() => events.publish('endless', endless)).not.toThrow();
    events.publish('x', {});
    expect(seen).toEqual(['endless', 'x', '1 x']);
    expect(logger.error).toHaveBeenCalledOnce();
  });
});

describe('an event that a handler publishes', () => {
  it('waits until the one it answers has reached every handler and sink', () => {
    events.addSink({
      deliver: (event) => void seen.push(`sink ${sequenceOf(event)} ${event.name}`),
    });
    events.addHandler('outer', () => {
      events.publish('inner', {});
      events.publish('second inner', {});
    });
    events.addHandler('inner', () => events.publish('innermost', {}));
    events.addHandler('*', (_, name) => void seen.push(name));
    events.publish('outer', {});
    expect(seen).toEqual([
      ...['outer', 'sink 1 outer', 'inner', 'sink 2 inner'],
      ...['second inner', 'sink 3 second inner', 'innermost', 'sink 4 innermost'],
    ]);
  });

  it('does not stop the server when there is no end of them', async () => {
    let published = 0;
    const again = (): void => {
      published += 1;
      events.publish('again', {});
    };
    events.addHandler('again', again);
    events.publish('again', {});
    const before = published;
    await vi.waitFor(() => expect(published).toBeGreaterThan(before));
    events.removeHandler('again', again);
  });

  it('tells clients what it said when it was published, whatever handlers do with its args', () => {
    const deliver = vi.fn<(event: { json: string }) => void>();
    events.addSink({ deliver });
    events.addHandler('x', (args) => void ((args as Record<string, unknown>)['a'] = 2));
    events.publish('x', { a: 1, timestamp: 0 });
    expect(deliver.mock.calls[0]?.[0].json).toBe(
      '{"name":"x","args":{"a":1,"timestamp":0},"cursor":"epoch:1"}',
    );
  });
});

describe('an event of a foreign publisher', () => {
  beforeEach(() => events.addSink(record('sink')));

  it.each(['server.x', 'task.created', 'plugin.loaded', 'session.x'])(
    'may not be named %s',
    (name) => {
      expect(() => events.publishForeign(name, {})).toThrow(`Events named ${name}`);
      expect(seen).toEqual([]);
      events.publish(name, {});
      expect(seen).toEqual([`sink ${name}`]);
    },
  );

  it.each(['servers.x', 'disk.task.', 'plugin'])('may be named %s', (name) => {
    events.publishForeign(name, {});
    expect(seen).toEqual([`sink ${name}`]);
  });
});

describe('an event without a name', () => {
  it.each(['publish', 'publishForeign'] as const)('is refused (%s)', (publish) => {
    expect(() => events[publish]('', {})).toThrow('An event needs a name');
    expect(journal.cursor).toBe('epoch:0');
  });
});

describe('an event whose type has a schema', () => {
  beforeEach(() => {
    types.set('disk.added', typed(h.object({ disk: h.string() })));
    events.addSink(record('sink'));
    events.addHandler('*', (_, name) => void seen.push(`handler ${name}`));
  });

  it('is delivered when it fits, the timestamp of the server not counted', () => {
    events.publishForeign('disk.added', { disk: 'da0' });
    expect(seen).toEqual(['handler disk.added', 'sink disk.added']);
    expect(logger.error).not.toHaveBeenCalled();
  });

  it.each(['publish', 'publishForeign'] as const)(
    'is logged and not delivered when it does not fit (%s)',
    (publish) => {
      expect(() => events[publish]('disk.added', { disk: 5 })).not.toThrow();
      expect(seen).toEqual([]);
      expect(logger.error).toHaveBeenCalledExactlyOnceWith(
        'Event does not fit its schema and is not delivered',
        { event: 'disk.added', errors: [expect.objectContaining({ path: ['disk'] })] },
      );
    },
  );

  it('is logged and not delivered when its schema refers to nothing', () => {
    types.set('disk.added', typed(h.ref('Nowhere')));
    expect(() => events.publish('disk.added', {})).not.toThrow();
    expect(seen).toEqual([]);
    expect(logger.error).toHaveBeenCalledOnce();
  });
});
