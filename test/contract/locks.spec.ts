import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

let server: PluginServer;
let one: PlainClient;
let other: PlainClient;
let lock = '';
let count = 0;

beforeAll(async () => {
  server = await PluginServer.start({});
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

async function twoClients(): Promise<void> {
  [one, other] = [await server.admin(), await server.admin()];
  count += 1;
  lock = `lock-${count}`;
  await one.result('lock.init', lock);
}

async function waitersOf(name: string): Promise<number | undefined> {
  const rows = await one.result<{ name: string; waiters: string[] }[]>('lock.get_locks');
  return rows.find((row) => row.name === name)?.waiters.length;
}

/** Asks for the lock and returns once the server has put the client into the queue. */
async function queue(client: PlainClient, id: string, timeout?: number): Promise<void> {
  const args = timeout === undefined ? [lock] : [lock, timeout];
  const before = (await waitersOf(lock)) ?? 0;
  client.send('rpc', 'call', id, { method: 'lock.acquire', args });
  await client.settled();
  expect(await waitersOf(lock)).toBe(before + 1);
}

describe('a lock', () => {
  it('is held by one, and released by nobody else', async () => {
    await twoClients();
    expect(await one.result('lock.is_locked', lock)).toBe(false);
    expect(await one.result('lock.acquire', lock)).toBe(true);
    expect(await other.result('lock.acquire', lock, 0)).toBe(false);
    expect((await other.call('lock.release', lock)).args).toMatchObject({ code: 1 });
    expect(await other.result('lock.is_locked', lock)).toBe(true);
    await one.result('lock.release', lock);
    expect(await other.result('lock.acquire', lock, 0)).toBe(true);
  });

  it('that was released once too often is still one lock', async () => {
    await twoClients();
    expect((await one.call('lock.release', lock)).args).toMatchObject({ code: 1 });
    expect(await one.result('lock.acquire', lock)).toBe(true);
    expect(await other.result('lock.acquire', lock, 0)).toBe(false);
  });

  it('is refused to its holder instead of waiting for ever, and unknown until it is made', async () => {
    await twoClients();
    await one.result('lock.acquire', lock);
    expect((await one.call('lock.acquire', lock)).args).toMatchObject({ code: 16 });
    expect((await one.call('lock.acquire', 'nowhere')).args).toMatchObject({ code: 2 });
    await one.result('lock.init', lock);
    expect(await one.result('lock.is_locked', lock)).toBe(true);
  });

  it('goes in the order of asking, also when its holder vanishes', async () => {
    await twoClients();
    const third = await server.admin();
    const holder = await server.admin();
    await holder.result('lock.acquire', lock);
    await queue(other, 'first');
    await queue(third, 'second');
    holder.socket.terminate();
    expect((await other.find(({ id }) => id === 'first')).args).toBe(true);
    expect(third.received.some(({ id }) => id === 'second')).toBe(false);
    await other.result('lock.release', lock);
    expect((await third.find(({ id }) => id === 'second')).args).toBe(true);
  });

  it('passes by those who gave up: by time, by abort, by going', async () => {
    await twoClients();
    await one.result('lock.acquire', lock);
    expect(await other.result('lock.acquire', lock, 0.05)).toBe(false);
    await queue(other, 'aborted');
    other.send('rpc', 'abort', 'aborted', null);
    await other.find(({ id, name }) => id === 'aborted' && name === 'close');
    const gone = await server.admin();
    await queue(gone, 'gone');
    gone.socket.terminate();
    await gone.closed;
    await expect.poll(() => waitersOf(lock)).toBe(0);
    await one.result('lock.release', lock);
    expect(await one.result('lock.is_locked', lock)).toBe(false);
  });

  it('is an administrator’s to take', async () => {
    const admin = await server.admin();
    const username = 'locksmith';
    const password = 'a long enough one';
    await admin.call('account.create', {
      username,
      password: { $password: password },
      roles: ['operator'],
    });
    const operator = await server.stranger();
    await operator.request('rpc', 'auth', { username, password });
    expect((await operator.call('lock.init', 'mine')).args).toMatchObject({ code: 13 });
    expect((await operator.call('lock.acquire', 'mine')).args).toMatchObject({ code: 13 });
  });
});
