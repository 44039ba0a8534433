import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DispatcherClient } from '../../src/client/index.js';
import { makeCertificate } from '../support/certificate.js';
import { FlakyProxy } from '../support/flaky-proxy.js';
import { ServerProcess } from '../support/server-process.js';
import * as guide from './client/example.js';

const read = (path: string): Promise<string> => readFile(join(import.meta.dirname, path), 'utf8');
const named = (text: string, pattern: RegExp): Record<string, string> =>
  Object.fromEntries([...text.matchAll(pattern)].map(([, name, body]) => [name!, body!]));

let server: ServerProcess;
let proxy: FlakyProxy;
let client: DispatcherClient;
beforeAll(async () => {
  vi.spyOn(console, 'log').mockReturnValue();
  server = await ServerProcess.start();
  proxy = await FlakyProxy.before(server.url);
  client = await guide.connected(proxy.url);
});
afterAll(async () => {
  client.close();
  await proxy.close();
  await server.stop();
  vi.restoreAllMocks();
});

describe('the page on the client library', () => {
  it('quotes its example word for word', async () => {
    const page = named(await read('../../docs/client.md'), /^```ts (\w+)\n([^]*?)^```$/gm);
    Reflect.deleteProperty(page, 'example'); // typed by the server, see test/cli/codegen.spec.ts
    const example = await read('client/example.ts');
    expect(page).toEqual(named(example, /^\/\/ #region (\w+)\n([^]*?)^\/\/ #endregion$/gm));
  });

  it('calls, streams and says what is not there', async () => {
    await guide.calls(client);
    expect(await guide.exists(client, 4_711)).toBe(false);
    const lines = guide.firstLines(client, 1);
    await client.call('account.create', [{ username: 'ada', password: 'a long password' }]);
    expect(await lines).toHaveLength(1);
  });

  it('hears events, follows a task, and comes back after a lost connection', async () => {
    const states: string[] = [];
    const forget = guide.follow(client, (text) => states.push(text));
    const readAgain = vi.fn();
    const stop = await guide.watch(client, readAgain);
    expect(readAgain).toHaveBeenCalledTimes(1);
    proxy.cutAfter(0);
    await expect.poll(() => client.state.kind).toBe('reconnecting');
    proxy.cutAfter(Infinity);
    await client.ready();
    expect(states.at(-1)).toBe('authenticated');
    expect(await guide.checksum(client, '/etc/hostname')).not.toBeNull();
    stop();
    forget();
  });

  it('keeps rows in step', async () => {
    const draw = vi.fn();
    const stop = guide.drawTasks(client, draw);
    const drawn = () => draw.mock.lastCall;
    await expect.poll(drawn).toEqual([['files.checksum'], true]);
    await client.tasks.run('files.checksum', [{ source: '/etc/hosts' }]);
    await expect.poll(drawn).toEqual([['files.checksum', 'files.checksum'], true]);
    stop();
  });

  it('offers a service', async () => {
    const agent = await guide.connected(server.url);
    const weather = await guide.offer(agent);
    expect(await client.call('weather.warmest', [[3, 21, 8]])).toBe(21);
    for await (const second of client.stream('weather.seconds')) {
      expect(second).toBe(1);
      break;
    }
    await weather.stop();
    agent.close();
  });

  it('comes in over TLS by a certificate that it is given', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'client-guide-'));
    const { certificateFile, keyFile } = await makeCertificate(folder);
    const tls = { tls: true, 'tls-certificate': certificateFile, 'tls-keyfile': keyFile };
    const secure = await ServerProcess.start({ dispatcher: { ...tls, frontend: false } });
    const near = secure.url.replace(/\/\/[^:/]+/, '//localhost');
    const guest = await guide.secured(near, certificateFile);
    expect(guest.account).toMatchObject({ user: 'root' });
    guest.close();
    await secure.stop();
    await rm(folder, { recursive: true });
  });

  it('logs in by an API key', async () => {
    const { key } = await client.call<{ key: string }>('account.create_api_key', [
      { name: 'nightly', username: 'ada' },
    ]);
    const robot = await guide.unattended(server.url, key);
    expect(robot.account).toMatchObject({ user: 'ada' });
    robot.close();
  });
});
