import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

const PLUGIN = `
import { accepts, description, Dispatcher, EventSource, eventSource, h, Plugin, Provider, provider,
  returns } from 'dispatcher';

export const log: string[] = [];
let fail: (error: Error) => void = () => undefined;

@eventSource('disk.seen') @description('A disk appeared')
export class DiskSource extends EventSource {
  async run(signal: AbortSignal) {
    log.push('run');
    this.dispatcher.registerEventType('disk.gone', { description: 'A disk went' });
    await new Promise((resolve, reject) => {
      fail = reject;
      signal.addEventListener('abort', resolve);
    });
  }
  enable(event: string) { log.push('+' + event); }
  disable(event: string) { log.push('-' + event); }
}

// work that takes a while
const sleep = () => new Promise((resolve) => setTimeout(resolve, 20));

@provider('disks')
export class DiskProvider extends Provider {
  @description('What the source was told') log() { return log.splice(0); }
  @accepts(String) @returns(null) fail(message: string) { fail(new Error(message)); return null; }
  @accepts(h.array(String)) @returns(null) emit(names: string[]) {
    for (const name of names) this.dispatcher.emitEvent(name, {});
    return null;
  }
  @accepts(h.integer()) @returns(Object) waitFor(timeoutMs: number) {
    return this.dispatcher.execAndWaitForEvent('answer', ({ to }) => to === 'question',
      () => this.dispatcher.emitEvent('question', {}), { timeoutMs });
  }
}

@Plugin({ providers: [DiskSource, DiskProvider] })
export default class {
  constructor(private readonly dispatcher: Dispatcher) {}
  init() {
    this.dispatcher.registerEventHandler('slow', async () => {
      await sleep();
      log.push('slow handled');
      this.dispatcher.emitEvent('slow.handled', {});
    }, { sync: true });
    this.dispatcher.registerEventHandler('next', () => { log.push('next'); });
  }
}
`;

const ANSWERER = `
import { Dispatcher, Plugin } from 'dispatcher';
@Plugin() export default class {
  constructor(private readonly dispatcher: Dispatcher) {}
  init() {
    this.dispatcher.registerEventHandler('question', () => this.dispatcher.emitEvent('answer', { to: 'question' }));
  }
}
`;

let server: PluginServer;

beforeAll(async () => {
  const files = { 'disks.ts': PLUGIN, 'answerer.ts': ANSWERER };
  server = await PluginServer.start(files, { dispatcher: { 'shipped-plugins': false } });
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

interface EventTypeRow {
  readonly refcount: number;
  readonly source: string | null;
  readonly description: string | null;
  readonly event_schema: unknown;
}

const typeOf = async (client: PlainClient, name: string): Promise<EventTypeRow | undefined> =>
  (await client.result<Record<string, EventTypeRow>>('discovery.get_event_types'))[name];
const events = (client: PlainClient): { name: string; args: Record<string, unknown> }[] =>
  client.received
    .filter(({ namespace, name }) => namespace === 'events' && name === 'event')
    .map(({ args }) => args as { name: string; args: Record<string, unknown> });
const eventNamed = async (client: PlainClient, name: string) =>
  (await client.find(({ args }) => (args as { name?: string } | null)?.name === name)).args;

describe('an event source', () => {
  it('is enabled by the first subscriber and disabled when the last is gone', async () => {
    const admin = await server.admin();
    await admin.result('disks.log');
    const [one, two] = [await server.admin(), await server.admin()];
    one.send('events', 'subscribe', null, ['disk.*', 'disk.*', 'disk.seen']);
    two.send('events', 'subscribe', null, ['disk.gone']);
    await Promise.all([one.settled(), two.settled()]);
    expect(await admin.result('disks.log')).toEqual(['+disk.seen', '+disk.gone']);
    expect(await typeOf(admin, 'disk.seen')).toMatchObject({ refcount: 2, source: 'DiskSource' });
    expect(await typeOf(admin, 'disk.gone')).toMatchObject({
      refcount: 2,
      source: 'DiskSource',
      description: 'A disk went',
    });
    one.send('events', 'unsubscribe', null, ['disk.seen', 'never.subscribed']);
    await one.settled();
    expect(await admin.result('disks.log')).toEqual([]);
    await one.close();
    await two.close();
    await expect.poll(() => typeOf(admin, 'disk.gone')).toMatchObject({ refcount: 0 });
    expect((await admin.result<string[]>('disks.log')).sort()).toEqual([
      '-disk.gone',
      '-disk.seen',
    ]);
  });

  it('is told of a subscriber from before a reload', async () => {
    const admin = await server.admin();
    admin.send('events', 'subscribe', null, ['disk.gone', 'server.event.*']);
    await admin.settled();
    await admin.result('management.reload_plugins', ['disks']);
    expect(await admin.result('disks.log')).toEqual(['run', '+disk.gone']);
    const announced = events(admin).map(({ name, args }) => `${name} ${String(args['name'])}`);
    expect(announced.sort()).toEqual([
      'server.event.added disk.gone',
      'server.event.added disk.seen',
      'server.event.removed disk.gone',
      'server.event.removed disk.seen',
    ]);
  });

  it('whose loop throws is told of, and begins again', async () => {
    const admin = await server.admin();
    const state = async (): Promise<unknown> => admin.result('management.get_event_source_states');
    admin.send('events', 'subscribe', null, ['plugin.*']);
    await admin.result('disks.log');
    await admin.result('disks.fail', 'the cable came off');
    expect(await eventNamed(admin, 'plugin.event_source_failed')).toMatchObject({
      args: { name: 'disk.seen', plugin: 'disks', error: 'the cable came off', restart_in: 1 },
    });
    expect(await state()).toEqual([
      {
        name: 'disk.seen',
        plugin: 'disks',
        state: 'backing-off',
        events: { 'disk.seen': false, 'disk.gone': false },
        failures: 1,
        error: 'the cable came off',
      },
    ]);
    await expect.poll(state, { timeout: 10_000 }).toMatchObject([{ state: 'running' }]);
    expect(await admin.result('disks.log')).toEqual(['run']);
  });
});

describe('event types', () => {
  it('of the server are described', async () => {
    const admin = await server.admin();
    expect(await typeOf(admin, 'server.client_login')).toMatchObject({
      refcount: 0,
      source: null,
      description: 'A user logged in',
      event_schema: { type: 'object', required: ['address', 'username', 'description'] },
    });
  });
});

describe('a synchronous handler', () => {
  it('makes everybody wait for the next event of the plugin whose event it handles', async () => {
    const admin = await server.admin();
    admin.send('events', 'subscribe', null, ['slow*', 'next']);
    await admin.settled();
    await admin.result('disks.log');
    await admin.result('disks.emit', ['slow', 'next']);
    await eventNamed(admin, 'slow.handled');
    expect(await admin.result('disks.log')).toEqual(['slow handled', 'next']);
    expect(events(admin).map(({ name }) => name)).toEqual(['slow', 'next', 'slow.handled']);
  });

  it('makes a client wait that publishes, but not the answers to its calls', async () => {
    const admin = await server.admin();
    admin.send('events', 'subscribe', null, ['slow*', 'next']);
    admin.send('events', 'event', null, { name: 'slow', args: {} });
    admin.send('events', 'event', null, { name: 'next', args: {} });
    await admin.settled();
    expect(events(admin).map(({ name }) => name)).toEqual(['slow']);
    await eventNamed(admin, 'next');
    expect(events(admin).map(({ name }) => name)).toEqual(['slow', 'slow.handled', 'next']);
  });
});

describe('a method that waits for an event', () => {
  it('gets the one that its own action brought about', async () => {
    const admin = await server.admin();
    expect(await admin.result('disks.wait_for', 5_000)).toMatchObject({ to: 'question' });
    expect(await typeOf(admin, 'answer')).toBeUndefined();
  });

  it('fails with ETIMEDOUT when nobody answers', async () => {
    const admin = await server.admin();
    await server.remove('answerer.ts');
    await admin.result('management.reload_plugins');
    expect((await admin.call('disks.wait_for', 10)).args).toMatchObject({ code: 110 });
  });
});
