import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient, WireFrame } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

const READER = `
import { accepts, h, Plugin, Provider, provider, returns } from 'dispatcher';
@provider('reader') export class Reader extends Provider {
  @accepts(String, h.array(h.any())) @returns(h.any())
  async ask(method: string, args: unknown[]) {
    const answer = await this.dispatcher.callSync<any>(method, ...args);
    return { isDate: answer?.at instanceof Date, answer };
  }
  @accepts(String, h.integer()) @returns(h.array(h.any()))
  async take(method: string, count: number) {
    const items: unknown[] = [];
    for await (const item of this.dispatcher.callStream(method)) if (items.push(item) === count) break;
    return items;
  }
}
@Plugin({ providers: [Reader] }) export default class {}
`;
const LOCKER = `
import { accepts, h, Plugin, Provider, provider, returns } from 'dispatcher';
@provider('locker') export class Locker extends Provider {
  @accepts(String) @returns(Boolean) acquire(name: string) { return this.dispatcher.callSync<boolean>('lock.acquire', name); }
  @accepts(String) @returns(null) release(name: string) { return this.dispatcher.callSync<null>('lock.release', name); }
  @accepts(String) @returns(null) queue(name: string) { this.acquire(name).catch(() => undefined); return null; }
}
@Plugin({ providers: [Locker] }) export default class {}
`;

let server: PluginServer;
let admin: PlainClient;

beforeAll(async () => {
  server = await PluginServer.start({ 'reader.ts': READER, 'locker.ts': LOCKER });
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

async function daemon(name: string): Promise<PlainClient> {
  const service = await server.service(name);
  await service.result('plugin.register_service', name);
  await service.result('plugin.resume_service', name);
  return service;
}

const callOf = (service: PlainClient, method: string): Promise<WireFrame> =>
  service.find(
    ({ name, args }) => name === 'call' && (args as { method: string }).method === method,
  );

const frameNamed = (service: PlainClient, name: string, args?: unknown): Promise<WireFrame> =>
  service.find((frame) => frame.name === name && (args === undefined || frame.args === args));

describe('a plugin that calls a service of another process', () => {
  it('gets extended values as what they stand for', async () => {
    admin = await server.admin();
    const service = await daemon('clock');
    const pending = admin.result('reader.ask', 'clock.now', [1]);
    const { id, args } = await callOf(service, 'clock.now');
    expect(args).toEqual({
      method: 'clock.now',
      args: [1],
      sender: expect.objectContaining({ user: expect.any(String) as string }) as object,
    });
    service.send('rpc', 'response', id, { at: { $date: '1970-01-01T00:00:00.000Z' } });
    expect(await pending).toEqual({
      isDate: true,
      answer: { at: { $date: '1970-01-01T00:00:00.000Z' } },
    });
  });

  it('takes a stream item by item and aborts it by leaving the loop', async () => {
    admin = await server.admin();
    const service = await daemon('journal');
    const pending = admin.result('reader.take', 'journal.follow', 3);
    const { id } = await callOf(service, 'journal.follow');
    service.send('rpc', 'fragment', id, { seqno: 1, fragment: ['a', 'b'] });
    await frameNamed(service, 'continue', 2);
    service.send('rpc', 'fragment', id, { seqno: 2, fragment: ['c', 'd'] });
    expect(await frameNamed(service, 'abort')).toMatchObject({ id, args: null });
    service.send('rpc', 'close', id, null);
    expect(await pending).toEqual(['a', 'b', 'c']);
    expect(service.received.filter(({ name }) => name === 'continue')).toHaveLength(1);
  });

  it('is told the error of the service, and of its end', async () => {
    admin = await server.admin();
    const service = await daemon('disk');
    const failing = admin.call('reader.ask', 'disk.wipe', []);
    const { id } = await callOf(service, 'disk.wipe');
    service.send('rpc', 'error', id, { code: 5, message: 'The disk is gone' });
    expect((await failing).args).toMatchObject({ code: 5, message: 'The disk is gone' });
    const hanging = admin.call('reader.ask', 'disk.scan', []);
    await callOf(service, 'disk.scan');
    service.socket.terminate();
    expect((await hanging).args).toMatchObject({ code: 103, name: 'ECONNABORTED' });
  });
});

describe('a service of another process', () => {
  it('is given a secret readable, and cannot make one readable to its callers', async () => {
    admin = await server.admin();
    const service = await daemon('vault');
    const pending = admin.call('vault.store', { $password: 'hunter2' });
    const { id, args } = await callOf(service, 'vault.store');
    expect(args).toMatchObject({ args: [{ $password: 'hunter2' }] });
    service.send('rpc', 'response', id, { $password: 'hunter2' });
    expect((await pending).args).toBe('<hidden>');
  });

  it('loses everything when its connection logs in as somebody else', async () => {
    admin = await server.admin();
    const service = await daemon('shifty');
    await service.result('plugin.register_event_type', 'shifty', 'shifty.moved');
    await service.result('plugin.register_schema', 'Shifty', { type: 'string' });
    const login = await service.request('rpc', 'auth', { username: 'root', password: '' });
    expect(login.name).toBe('response');
    expect(await admin.result('discovery.get_services')).not.toContain('shifty');
    expect(await admin.result('discovery.get_event_types')).not.toHaveProperty('shifty.moved');
    const { definitions } = await admin.result<{ definitions: object }>('discovery.get_schema');
    expect(definitions).not.toHaveProperty('Shifty');
    expect((await admin.call('shifty.go')).args).toMatchObject({ code: 2 });
  });
});

describe('a plugin that holds a named lock', () => {
  it('is its holder by name: others wait for it and may not release it', async () => {
    admin = await server.admin();
    await admin.result('lock.init', 'pool');
    expect(await admin.result('locker.acquire', 'pool')).toBe(true);
    expect(await admin.result('lock.get_locks')).toContainEqual({
      name: 'pool',
      holder: 'plugin,locker',
      waiters: [],
    });
    expect((await admin.call('lock.release', 'pool')).args).toMatchObject({ code: 1 });
    expect(await admin.result('lock.acquire', 'pool', 0)).toBe(false);
    await admin.result('locker.release', 'pool');
    expect(await admin.result('lock.is_locked', 'pool')).toBe(false);
  });

  it('gives it to the next that waits when it is unloaded', async () => {
    admin = await server.admin();
    await admin.result('lock.init', 'swap');
    await admin.result('locker.acquire', 'swap');
    const next = await server.admin();
    const waiting = next.result('lock.acquire', 'swap');
    await next.settled();
    await admin.result('management.reload_plugins', ['locker']);
    expect(await waiting).toBe(true);
  });

  it('leaves the queue when it is unloaded', async () => {
    admin = await server.admin();
    await admin.result('lock.init', 'queue');
    await admin.result('lock.acquire', 'queue');
    await admin.result('locker.queue', 'queue');
    const waiters = async (): Promise<unknown> =>
      (await admin.result<{ name: string; waiters: string[] }[]>('lock.get_locks')).find(
        ({ name }) => name === 'queue',
      )?.waiters;
    expect(await waiters()).toEqual(['plugin,locker']);
    await admin.result('management.reload_plugins', ['locker']);
    expect(await waiters()).toEqual([]);
  });
});
