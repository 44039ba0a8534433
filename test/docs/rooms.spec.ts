import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

// Who looks for something has the map (docs/architecture.md): what is not in it is found by nobody.

const SOURCES = join(import.meta.dirname, '../../src');
const MAP = readFileSync(join(SOURCES, '../docs/architecture.md'), 'utf8');

const entries = readdirSync(SOURCES, { withFileTypes: true });
const rooms = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);

it('there is nothing beside main.ts and the rooms', () => {
  expect(entries.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual(['main.ts']);
});

it.each(rooms)('room %s is in the map', (room) => {
  expect(MAP).toMatch(new RegExp(`^\\|.*\`${room}[\`/]`, 'm'));
});

it.each(rooms.filter((room) => room !== 'server' && room !== 'mounting'))(
  'the Nest module of room %s, if it has one, is named by what the server is made of',
  (room) => {
    const modules = readdirSync(join(SOURCES, room)).filter((name) => name.endsWith('.module.ts'));
    const own = `${room}.module.ts`;
    // etcd is a program of its own
    const isApart = room === 'etcd';
    const text = readFileSync(
      join(SOURCES, isApart ? 'etcd/process/main.ts' : 'server/app.module.ts'),
      'utf8',
    );
    const path = `../${isApart ? '' : `${room}/`}${own.slice(0, -3)}.js`;
    if (modules.length > 0) expect(text).toContain(`'${path}'`);
  },
);
