import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

/** A plugin whose init waits for a file of its name, and says by an event that it does. */
const slow = (edition: number, gate: string) => `
import { accepts, description, Dispatcher, Plugin, Provider, provider, returns } from 'dispatcher';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

@provider('slow') export class SlowProvider extends Provider {
  @accepts() @returns(Number) edition() { return ${edition}; }
  @description('Waits for the next edition') async last() {
    while (!existsSync(${JSON.stringify(gate)} + '.last')) await pause(5);
    return ${edition};
  }
}
@Plugin({ providers: [SlowProvider] })
export default class {
  constructor(private readonly dispatcher: Dispatcher) {}
  async init() {
    this.dispatcher.emitEvent('slow.init', { edition: ${edition} });
    while (!existsSync(${JSON.stringify(gate)} + '.${edition}')) await pause(5);
  }
}
`;

const OWNER = (extra: string) => `
import { accepts, description, Dispatcher, EventSource, eventSource, h, Plugin, Provider, provider, returns, Task, task } from 'dispatcher';
import { IsString } from 'class-validator';
export class OwnedThing { @IsString() name!: string; }
@provider('owned') export class P extends Provider { @accepts() @returns(Number) one() { return 1; } }
export class ByHand extends Provider { @accepts() @returns(Number) two() { return 2; } }
@task('owned.task') @description('t') @accepts(OwnedThing) export class T extends Task { verify() { return []; } run() {} }
@eventSource('owned.source') export class S extends EventSource {
  run(signal: AbortSignal) { return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())); }
}
@Plugin({ schemas: [OwnedThing], providers: [P, T, S] })
export default class {
  constructor(private readonly dispatcher: Dispatcher) {}
  async init() {
    await this.dispatcher.registerProvider('byhand', ByHand);
    this.dispatcher.registerSchemaDefinition('ByHandThing', h.object({ a: h.ref('OwnedThing') }));
    this.dispatcher.registerEventType('owned.typed', { schema: h.object({ a: String }) });
    this.dispatcher.registerEventHandler('poke', () => this.dispatcher.emitEvent('poked', {}));
    ${extra}
  }
  cleanup() { throw new Error('cleanup refused'); }
}
`;

let server: PluginServer;
let gate: string;

beforeAll(async () => {
  server = await PluginServer.start({}, { dispatcher: { limits: { 'service-wait-ms': 2_500 } } });
  gate = join(server.process.directory, 'gate');
  await open('1');
  await server.write({ 'slow.ts': slow(1, gate), 'owner.ts': OWNER('') });
  const admin = await server.admin();
  await admin.result('management.reload_plugins');
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

const open = (name: string) => writeFile(`${gate}.${name}`, '');

/** Starts a reload of the slow plugin and returns when its new code stands in init. */
async function reloading(client: PlainClient, edition: number): Promise<void> {
  await server.write({ 'slow.ts': slow(edition, gate) });
  client.send('events', 'subscribe', null, ['slow.init']);
  client.send('rpc', 'call', 'reload', { method: 'management.reload_plugins', args: [['slow']] });
  const mark = `"edition":${edition}`;
  await client.find(({ name, args }) => name === 'event' && JSON.stringify(args).includes(mark));
}

describe('while a plugin is reloaded', () => {
  it('calls to it wait for the new code, calls to others do not', async () => {
    const [admin, client] = [await server.admin(), await server.admin()];
    await reloading(admin, 2);
    const waiting = [client.call('slow.edition'), admin.call('slow.edition')];
    expect(await client.result('management.ping')).toBe('pong');
    expect(await client.result('owned.one')).toBe(1);
    expect(admin.received.filter(({ id }) => id === 'reload')).toEqual([]);
    await open('2');
    expect((await Promise.all(waiting)).map(({ args }) => args)).toEqual([2, 2]);
    expect(await admin.find(({ id }) => id === 'reload')).toMatchObject({ name: 'response' });
  });

  it('calls to it do not wait for ever', async () => {
    const admin = await server.admin();
    await reloading(admin, 3);
    expect((await admin.call('slow.edition')).args).toMatchObject({ code: 16, name: 'EBUSY' });
    await open('3');
    await admin.find(({ id }) => id === 'reload');
    expect(await admin.result('slow.edition')).toBe(3);
  });

  it('a call that waits can be aborted, and then is answered by close alone', async () => {
    const admin = await server.admin();
    await reloading(admin, 4);
    admin.send('rpc', 'call', 'w', { method: 'slow.edition', args: [] });
    admin.send('rpc', 'abort', 'w', null);
    expect(await admin.find(({ id }) => id === 'w')).toMatchObject({ name: 'close', args: null });
    await open('4');
    await admin.find(({ id }) => id === 'reload');
    await admin.settled();
    expect(admin.received.filter(({ id }) => id === 'w')).toHaveLength(1);
  });

  it('calls that already run end in the old code', async () => {
    const [admin, client] = [await server.admin(), await server.admin()];
    client.send('rpc', 'call', 'last', { method: 'slow.last', args: [] });
    await client.settled();
    await server.write({ 'slow.ts': slow(5, gate) });
    admin.send('rpc', 'call', 'reload', { method: 'management.reload_plugins', args: [['slow']] });
    await admin.settled();
    await open('last');
    expect(await client.find(({ id }) => id === 'last')).toMatchObject({ args: 4 });
    await open('5');
    expect((await admin.find(({ id }) => id === 'reload')).name).toBe('response');
    expect(await client.result('slow.edition')).toBe(5);
  });

  it('that fails, calls are answered by the old code, and a good reload brings the new one', async () => {
    const admin = await server.admin();
    await server.write({
      'slow.ts': slow(6, gate).replace(
        /async init\(\) \{[^]*?\n {2}\}/,
        `async init() { throw new Error('six'); }`,
      ),
    });
    const reload = await admin.call('management.reload_plugins', ['slow']);
    expect(reload.args).toMatchObject({ message: expect.stringContaining('six') as string });
    expect(await admin.result('slow.edition')).toBe(5);
    await open('7');
    await server.write({ 'slow.ts': slow(7, gate) });
    await admin.result('management.reload_plugins', ['slow']);
    expect(await admin.result('slow.edition')).toBe(7);
  });
});

describe('reload_plugins', () => {
  it('refuses names that nobody knows, and touches nothing then', async () => {
    const admin = await server.admin();
    admin.send('events', 'subscribe', null, ['server.plugin.*']);
    expect((await admin.call('management.reload_plugins', ['slow', 'nobody'])).args).toMatchObject({
      code: 2,
    });
    await admin.settled();
    expect(admin.received.filter(({ name }) => name === 'event')).toEqual([]);
  });

  it.each([['slow'], [[1]], [{ names: 1 }]])('takes an array of names, not %j', async (names) => {
    const admin = await server.admin();
    expect((await admin.call('management.reload_plugins', names)).args).toMatchObject({ code: 22 });
  });

  it('keeps subscriptions, features and the login of a connection', async () => {
    const admin = await server.admin('streaming_responses');
    admin.send('events', 'subscribe', null, ['poked']);
    await admin.result('management.reload_plugins', ['owner']);
    admin.send('events', 'event', null, { name: 'poke', args: {} });
    await admin.find(({ name }) => name === 'event');
    expect(await admin.result('management.get_enabled_features')).toEqual(['streaming_responses']);
  });

  it('of all picks up what is new and drops what is gone', async () => {
    const admin = await server.admin();
    const names = () => admin.result<string[]>('management.get_plugin_names');
    await server.write({
      'fresh.js': `const { Plugin } = require('dispatcher');\nclass M {}\nPlugin({})(M);\nmodule.exports = M;`,
    });
    await admin.result('management.reload_plugins');
    expect(await names()).toContain('fresh');
    await server.remove('fresh.js');
    await admin.result('management.reload_plugins', null);
    expect(await names()).not.toContain('fresh');
  });
});

describe('unloading', () => {
  const owned = async (client: PlainClient) => ({
    services: (await client.result<string[]>('discovery.get_services')).filter((name) =>
      ['owned', 'byhand'].includes(name),
    ),
    tasks: Object.keys(await client.result<object>('discovery.get_tasks')).filter((name) =>
      name.startsWith('owned'),
    ),
    definitions: Object.keys(
      (await client.result<{ definitions: object }>('discovery.get_schema')).definitions,
    ).filter((name) => /Owned|ByHand/.test(name)),
    events: Object.keys(await client.result<object>('discovery.get_event_types')).filter((name) =>
      name.startsWith('owned'),
    ),
    sources: (await client.result<string[]>('management.get_event_sources')).filter((name) =>
      name.startsWith('owned'),
    ),
  });

  it('takes back everything, also when cleanup throws; a reload whose init throws brings it again', async () => {
    const admin = await server.admin();
    const all = {
      services: ['byhand', 'owned'],
      tasks: ['owned.task'],
      definitions: ['ByHandThing', 'OwnedThing'],
      events: ['owned.source', 'owned.typed'],
      sources: ['owned.source'],
    };
    const nothing = { services: [], tasks: [], definitions: [], events: [], sources: [] };
    expect(await owned(admin)).toEqual(all);
    const hash = await admin.result('discovery.get_schema_hash');
    await server.write({ 'owner.ts': OWNER(`throw new Error('init refused');`) });
    await admin.call('management.reload_plugins', ['owner']);
    expect(await owned(admin)).toEqual(all);
    admin.send('events', 'subscribe', null, ['poked']);
    admin.send('events', 'event', null, { name: 'poke', args: {} });
    await admin.find(({ name }) => name === 'event');
    await admin.settled();
    expect(admin.received.filter(({ name }) => name === 'event')).toHaveLength(1);
    await server.write({ 'owner.ts': OWNER('') });
    await admin.result('management.reload_plugins', ['owner']);
    expect(await owned(admin)).toEqual(all);
    expect(await admin.result('discovery.get_schema_hash')).toBe(hash);
    await server.remove('owner.ts');
    await admin.result('management.reload_plugins');
    expect(await owned(admin)).toEqual(nothing);
    expect((await admin.call('byhand.two')).args).toMatchObject({ code: 2 });
  });
});
