import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { DispatcherClient, Errno } from '../../src/client/index.js';
import { PluginServer } from '../contract/plugin-server.js';

// What authors were promised and did not get (N3, N7, N9, N10), seen from outside.

const CLI = fileURLToPath(new URL('../../dist/src/cli/dispatcherctl.js', import.meta.url));
const run = promisify(execFile);
const IMPORTS = `import { accepts, generator, h, Plugin, Provider, provider, returns, signal } from 'dispatcher';`;
const plugin = (
  service: string,
  body = `@accepts() @returns(String) name() { return '${service}'; }`,
) =>
  `${IMPORTS} @provider('${service}') export class P extends Provider { ${body} } @Plugin({ providers: [P] }) export default class {}`;
const ENDLESS = plugin(
  'endless',
  `@generator() @accepts() @returns(h.array(h.any())) async *count(@signal() gone: AbortSignal) {
     for (let i = 0; ; i += 1) { yield { i }; if (i === 2) await new Promise((resolve) => gone.addEventListener('abort', resolve)); }
   }`,
);

let server: PluginServer;

beforeAll(async () => {
  server = await PluginServer.start({
    'share.ts': plugin('share'),
    'aaa.ts': plugin('system'),
    'broken.ts': plugin('told').replace('Plugin({', 'Plugin({ depends: ["nobody"],'),
    'endless.ts': ENDLESS,
  });
});
afterAll(() => server.stop());

const clientOf = (credentials: () => { kind: 'password'; username: string; password: string }) =>
  new DispatcherClient({
    url: server.process.url,
    webSocket: WebSocket,
    credentials,
  });

it('a plugin that works goes on when its files are broken, and the reload says why', async () => {
  const client = await server.admin();
  await server.write({ 'share.ts': 'export default class {' });
  const answer = await client.call('management.reload_plugins', ['share']);
  expect(answer).toMatchObject({ name: 'error', args: { code: Errno.EFAULT } });
  expect(await client.result('share.name')).toBe('share');
  const rows = await client.result<{ name: string }[]>('management.get_plugins');
  expect(rows.find(({ name }) => name === 'share')).toMatchObject({
    state: 'loaded',
    stage: 'load',
    error: expect.any(String) as string,
  });
});

it('a service that is missing because its plugin failed is told as that', async () => {
  const client = await server.admin();
  expect(await client.call('told.name')).toMatchObject({
    args: {
      code: Errno.ENOENT,
      message:
        'Service told not found: its plugin broken failed at stage dependencies, see management.get_plugins',
    },
  });
});

it('a slip of the finger is answered with what was probably meant', async () => {
  const client = await server.admin();
  const message = async (method: string): Promise<unknown> =>
    ((await client.call(method)).args as { message: string }).message;
  expect(await message('shar.name')).toBe('Service shar not found, did you mean "share"?');
  expect(await message('share.nam')).toBe('Method not found, did you mean "name"?');
  expect(await message('share.frobnicate')).toBe('Method not found');
});

it('what comes with the product has its names first; the later one is refused with both', async () => {
  const client = await server.admin();
  expect(await client.result('system.info')).toBeTypeOf('object');
  const rows = await client.result<{ name: string; error?: string }[]>('management.get_plugins');
  expect(rows.find(({ name }) => name === 'system')).toMatchObject({ state: 'loaded' });
  expect(rows.find(({ name }) => name === 'aaa')).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('Service system is already offered by system') as string,
  });
});

it('root logs in with an empty password, as the frames of the README do', async () => {
  const client = clientOf(() => ({ kind: 'password', username: 'root', password: '' }));
  expect(await client.connect()).toMatchObject({ kind: 'authenticated' });
  client.close();
});

it('connect() rejects when the login is refused, and nothing is left that waits for ever', async () => {
  const client = clientOf(() => ({ kind: 'password', username: 'nobody', password: 'wrong' }));
  await expect(client.connect()).rejects.toMatchObject({ code: Errno.EACCES });
  expect(client.state.kind).toBe('closed');
  await expect(client.ready()).rejects.toBeInstanceOf(Error);
});

it('dispatcherctl prints the items of a stream as they come', async () => {
  const child = spawn(process.execPath, [CLI, '--user', 'root', 'call', 'endless.count'], {
    env: { ...process.env, DISPATCHER_URL: server.process.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === 3) break;
  }
  child.kill();
  expect(lines).toEqual(['{"i":0}', '{"i":1}', '{"i":2}']);
});

it('dispatcherctl knows its version', async () => {
  expect((await run(process.execPath, [CLI, '--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
