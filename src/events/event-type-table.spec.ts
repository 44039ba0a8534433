import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { LocalEventFanout } from '../cluster/local/index.js';
import { SchemaRegistry } from '../schema/index.js';
import { Logger } from '../sdk/index.js';

import { EventRouter } from './event-router.js';
import { SERVER_EVENT_TYPES } from '../wire/index.js';
import { EventTypeTable } from './event-type-table.js';
import type { EventType } from './event-type.js';

class SilentLogger extends Logger {
  trace(): void {}
  debug(): void {}
  info(): void {}
  warn(): void {}
  error(): void {}
}

const PUBLISHED = /(?:publish|sendEvent)\([^'()]*'((?:server|plugin|session)\.[a-z_.]+)'/g;
const TYPE: EventType = { description: null, schema: null, validator: null, source: null };
let types: EventTypeTable;
let said: string[];
let events: EventRouter;

beforeEach(() => {
  types = new EventTypeTable();
  events = new EventRouter({
    logger: new SilentLogger(),
    now: () => new Date(0),
    fanout: new LocalEventFanout('epoch', { events: 10, bytes: 10_000 }),
    typeOf: (name) => types.get(name),
  });
  said = [];
  events.addHandler('server.event.*', ({ name }, event) => {
    const isThere = types.get(String(name)) !== undefined;
    said.push(`${event} ${String(name)} ${isThere ? 'there' : 'gone'}`);
  });
});

describe('the table of event types', () => {
  it('announces each type once it is there and once it is gone', () => {
    types.announceBy(events);
    types.add('disk.seen', { owner: 'storage', value: TYPE });
    types.remove('disk.seen', 'storage');
    expect(said).toEqual([
      'server.event.added disk.seen there',
      'server.event.removed disk.seen gone',
    ]);
  });

  it('announces nothing that was refused or only replaced', () => {
    types.announceBy(events);
    types.add('disk.seen', { owner: 'storage', value: TYPE });
    expect(() => types.add('disk.seen', { owner: 'other', value: TYPE })).toThrow('storage');
    expect(() => types.remove('disk.seen', 'other')).toThrow('not registered by other');
    expect(() => types.replace('disk.seen', { owner: 'other', value: TYPE })).toThrow('other');
    types.replace('disk.seen', { owner: 'storage', value: { ...TYPE, description: 'new' } });
    expect(types.get('disk.seen')?.description).toBe('new');
    expect(said).toHaveLength(1);
  });

  it('belongs to the server where the server publishes, in silence and unchecked', () => {
    types.addCore(SERVER_EVENT_TYPES, new SchemaRegistry(), 'the server');
    types.announceBy(events);
    expect(() => types.add('server.ready', { owner: 'mine', value: TYPE })).toThrow('the server');
    expect(types.get('server.ready')).toMatchObject({
      description: 'All plugins were tried and clients are served',
      schema: { type: 'object', required: ['description'] },
      validator: null,
    });
    expect(said).toEqual([]);
  });

  it('knows every event that some part of the server publishes by name', () => {
    const published = readdirSync('src', { encoding: 'utf8', recursive: true })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
      .flatMap((file) => [...readFileSync(`src/${file}`, 'utf8').matchAll(PUBLISHED)])
      .map(([, name]) => name);
    expect(published).toContain('server.ready');
    expect(published.filter((name) => !Object.hasOwn(SERVER_EVENT_TYPES, String(name)))).toEqual(
      [],
    );
  });
});
