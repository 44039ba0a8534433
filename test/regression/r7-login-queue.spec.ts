import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlainClient, type WireFrame } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

const PASSWORD = 'correct horse';
const HOME = '198.51.100.1';

let server: ServerProcess;
let folder: string;
const open: PlainClient[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'r7-'));
  const unix = join(folder, 'own.sock');
  server = await ServerProcess.start({
    dispatcher: {
      'shipped-plugins': false,
      'trusted-proxies': ['127.0.0.1'],
      'unix-socket': unix,
      limits: { 'login-timeout-ms': 300_000 }, // on a slow machine the flood takes its time
    },
  });
  const admin = await PlainClient.loggedIn(`ws+unix:${unix}:/socket`);
  open.push(admin);
  for (const username of ['ann', 'bob', 'cleo']) {
    const account = { username, password: { $password: PASSWORD }, roles: ['admin'] };
    await admin.result('account.create', account);
  }
  for (const username of ['ann', 'bob']) {
    expect(await login(await from(HOME), username, PASSWORD)).toMatchObject({ name: 'response' });
  }
});
afterAll(async () => {
  for (const client of open) client.socket.terminate();
  await server.stop();
  await rm(folder, { recursive: true });
});

async function from(address: string): Promise<PlainClient> {
  const headers = { 'X-Forwarded-For': address };
  const client = await PlainClient.connect(server.url, { headers });
  open.push(client);
  return client;
}

function login(client: PlainClient, username: string, password: string): Promise<WireFrame> {
  return client.request('rpc', 'auth', { username, password, check_password: true });
}

/** Wrong logins at once, ten from each address, each from a connection of its own. */
async function flood(sources: readonly string[], username: (n: number) => string) {
  const clients = await Promise.all(
    sources.flatMap((address) => Array.from({ length: 10 }, () => from(address))),
  );
  const state = { answered: 0 };
  const all = clients.map(async (client, n) => {
    await login(client, username(n), 'wrong');
    state.answered += 1;
  });
  const done = Promise.allSettled(all);
  /** Whoever still waits goes, and what it waited for is not done. */
  const stop = async (): Promise<void> => {
    for (const client of clients) client.socket.terminate();
    await done;
  };
  return { state, done, stop };
}

const addresses = (net: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${net}.${n + 1}`);

describe('a flood of wrong logins', () => {
  it('R7: for invented names from twenty addresses holds up nobody who is known, nor who is new', async () => {
    const [proven, fresh] = [await from(HOME), await from('198.51.100.77')];
    const { state, stop } = await flood(addresses('203.0.113', 20), (n) => `invented-${n}`);
    const before = state.answered;
    const first = await login(proven, 'ann', PASSWORD);
    const whileProven = state.answered - before;
    const second = await login(fresh, 'cleo', PASSWORD);
    const whileFresh = state.answered - before - whileProven;
    expect([first.name, second.name]).toEqual(['response', 'response']);
    // in hashes, not in seconds: two at a time are on their way, then every other turn is theirs
    const withoutRoom = 200 - 128; // these are answered at once
    expect(whileProven).toBeLessThan(withoutRoom + 10);
    expect(whileFresh).toBeLessThan(50);
    await stop();
  });

  it('R7: from the address of the user itself leaves a pair that is proven alone', async () => {
    const guesser = await from(HOME);
    for (let n = 0; n < 12; n += 1) await login(guesser, `nobody-${n}`, 'wrong');
    expect((await login(await from(HOME), 'cleo', PASSWORD)).args).toMatchObject({ code: 16 });
    expect((await login(await from(HOME), 'ann', PASSWORD)).name).toBe('response');
  });

  it('R7: at one user from many addresses locks out neither the usual place nor another user', async () => {
    const { stop } = await flood(addresses('192.0.2', 15), () => 'bob');
    expect((await login(await from(HOME), 'bob', PASSWORD)).name).toBe('response');
    expect((await login(await from('198.51.100.78'), 'cleo', PASSWORD)).name).toBe('response');
    await stop();
  });

  it('R7: from one network of IPv6 counts as one address', async () => {
    const { done } = await flood(
      Array.from({ length: 4 }, (_, n) => `2001:db8:7:7::${n + 1}`),
      (n) => `six-${n}`,
    );
    await done;
    const late = await login(await from('2001:db8:7:7:ffff::9'), 'cleo', PASSWORD);
    expect(late.args).toMatchObject({ code: 16 });
    expect((await login(await from('2001:db8:7:8::9'), 'cleo', PASSWORD)).name).toBe('response');
  });
});
