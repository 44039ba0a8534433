import { afterAll, beforeAll, expect, it } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import type { PlainClient } from '../support/plain-client.js';

const SETS = 1_000;
const CLIENTS = 8;
const NAMES = ['a', 'b', 'c', 'd', 'e'];

/** Each remembers what it saw; together they are good only while they are equal where it matters. */
const PLUGIN = `
import { accepts, h, InjectSettings, Plugin, Provider, provider, returns, Settings, settings } from 'dispatcher';
import { IsInt } from 'class-validator';
@settings('many') export class Many { ${NAMES.map((name) => `@IsInt() ${name} = 0;`).join(' ')} }
class Watcher extends Provider {
  seen: any = null; times = 0;
  constructor(readonly settings: Settings<Many>) { super(); void this.follow(); }
  async follow() { for await (const value of this.settings.changes()) { this.seen = value; this.times += 1; } }
}
@provider('one') export class One extends Watcher {
  constructor(@InjectSettings(Many) settings: Settings<Many>) { super(settings); }
  @accepts() @returns(h.any()) saw() { return this.seen; } }
@provider('two') export class Two extends Watcher {
  constructor(@InjectSettings(Many) settings: Settings<Many>) { super(settings); }
  @accepts() @returns(h.any()) saw() { return this.seen; } }
@Plugin({ settings: [Many], providers: [One, Two] }) export default class {}
`;

let server: PluginServer;
beforeAll(async () => {
  server = await PluginServer.start({ 'many.ts': PLUGIN });
});
afterAll(() => server.stop());

it(`${SETS} changes of overlapping keys at once end as one order of them says, and every watcher sees the end`, async () => {
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => server.admin()));
  const watcher = await server.admin();
  watcher.send('events', 'subscribe', null, ['settings.changed']);
  await watcher.settled();
  const changes = Array.from({ length: SETS }, (_, index) => {
    const names = NAMES.filter(() => Math.random() < 0.5);
    const isBad = Math.random() < 0.1; // changes nothing
    return Object.fromEntries([
      ...names.map((name) => [`many.${name}`, index + 1]),
      ...(isBad || names.length === 0 ? [[`many.${NAMES[0]!}`, 'x']] : []),
    ]) as Record<string, unknown>;
  });
  const isGood = (change: Record<string, unknown>): boolean => !Object.values(change).includes('x');
  const outcomes = await Promise.all(
    changes.map((change, index) =>
      (clients[index % CLIENTS] as PlainClient).call('settings.set', change),
    ),
  );
  outcomes.forEach(({ name }, index) => {
    expect(name === 'response', JSON.stringify(changes[index])).toBe(isGood(changes[index]!));
  });

  // the events tell in which order they were: each names the keys of one change
  await watcher.settled();
  const events = watcher.received
    .filter(({ name }) => name === 'event' || name === 'event_burst')
    .flatMap(({ name, args }) =>
      name === 'event' ? [args] : (args as { events: unknown[] }).events,
    )
    .map((event) => (event as { args: { keys: string[] } }).args.keys);
  expect(events).toHaveLength(changes.filter(isGood).length);

  const end = await watcher.result<Record<string, number>>('settings.get', 'many');
  // a key's value is of a change that had it; who wrote two keys last wrote both, or another came after
  const writers = new Map(changes.map((change, index) => [index + 1, change]));
  const after = new Map<number, Set<number>>();
  for (const [key, value] of Object.entries(end)) {
    expect(writers.get(value), key).toHaveProperty([key]);
    for (const [other, winner] of Object.entries(end)) {
      if (winner === value || !(other in writers.get(value)!)) continue;
      after.set(value, (after.get(value) ?? new Set()).add(winner)); // winner came after value
    }
  }
  const isBefore = (one: number, two: number, seen = new Set<number>()): boolean =>
    [...(after.get(one) ?? [])].some(
      (next) => next === two || (!seen.has(next) && isBefore(next, two, seen.add(next))),
    );
  for (const value of after.keys()) expect(isBefore(value, value), `cycle at ${value}`).toBe(false);

  // and what is used is what lies on the disk
  const service = await server.service('auditor');
  const rows = await service.result<{ id: string; value: number }[]>('datastore.query', 'config');
  expect(Object.fromEntries(rows.map(({ id, value }) => [id, value]))).toMatchObject(
    Object.fromEntries(Object.entries(end).filter(([, value]) => value !== 0)),
  );

  const last = Object.fromEntries(NAMES.map((name) => [name, end[`many.${name}`]]));
  for (const service of ['one', 'two'])
    expect(await watcher.result(`${service}.saw`)).toEqual(last);
}, 120_000);
