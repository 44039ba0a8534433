import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

const ENTRY = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

let directory: string;
let note: string;
const running: ServerProcess[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-process-'));
  note = join(directory, 'note');
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop('SIGKILL')));
  await rm(directory, { recursive: true, force: true });
});

type Settings = Readonly<Record<string, unknown>>;

/** The server with one plugin, whose class has the given members. */
async function start(members = '', settings: Settings = {}): Promise<ServerProcess> {
  const dispatcher = { ...(await withPlugin(members)), ...settings };
  const server = await ServerProcess.start({ dispatcher });
  running.push(server);
  return server;
}

/** Runs the server to its end, for what happens before it is ready. */
async function runToEnd(members: string, settings: Settings = {}) {
  const file = join(directory, 'c.conf');
  const ports = { 'websocket-port': 0, 'frontend-port': 0 };
  const dispatcher = { ...ports, ...(await withPlugin(members)), ...settings };
  await writeFile(file, JSON.stringify({ dispatcher }));
  const env = { ...process.env, STATE_DIRECTORY: join(directory, 'state') };
  const child = spawn(process.execPath, [ENTRY, '-c', file], { env, timeout: 50_000 });
  const output = [text(child.stdout), text(child.stderr)] as const;
  const [status] = (await once(child, 'exit')) as [number | null];
  return { status, stdout: await output[0], stderr: await output[1] };
}

async function withPlugin(members: string): Promise<Settings> {
  const source = `
import { Dispatcher, Plugin } from 'dispatcher';
import { appendFileSync } from 'node:fs';
const note = (what: unknown) => appendFileSync(${JSON.stringify(note)}, String(what) + '\\n');
@Plugin({}) export default class {
  constructor(private readonly dispatcher: Dispatcher) {}
  ${members}
}`;
  await writeFile(join(directory, 'subject.ts'), source);
  return { 'plugin-dirs': [directory], 'shipped-plugins': false };
}

/** A plugin that does something when an event tells it to: at a moment the test chooses. */
const onEvent = (deed: string) =>
  `init() { this.dispatcher.registerEventHandler('now', () => { ${deed} }); }`;

/** A method that sends the process a signal and resolves when the server has got it. */
const signalled = (signal: string) => `signalled() {
  return new Promise<unknown>((resolve) => {
    process.once('${signal}', resolve);
    process.kill(process.pid, '${signal}');
  });
}`;

async function tell(client: PlainClient): Promise<void> {
  client.send('events', 'event', null, { name: 'now', args: {} });
  await client.settled();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function dial(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const noted = async () => (await readFile(note, 'utf8')).trim().split('\n');

describe('the end of the server', () => {
  it('is held up by no client that says nothing, or half of something', async () => {
    const server = await start();
    const sockets = await Promise.all([dial(server.url), dial(server.url)]);
    sockets[1].write('GET /socket HTTP/1.1\r\nHost: nas\r\nUpgra');
    const client = await PlainClient.loggedIn(server.url);
    const gone = sockets.map((socket) => once(socket, 'close'));
    expect(await server.stop()).toBe(0);
    await Promise.all(gone);
    expect((await client.closed).code).toBe(1001);
  });

  it('is told to everybody who is logged in, before the connection closes', async () => {
    const server = await start();
    const user = await PlainClient.loggedIn(server.url);
    const service = await PlainClient.connect(server.url);
    await service.request('rpc', 'auth_service', { name: 'etcd' });
    expect(await server.stop()).toBe(0);
    for (const client of [user, service]) {
      expect((await client.closed).code).toBe(1001);
      expect(client.received.at(-1)).toEqual({
        namespace: 'events',
        name: 'logout',
        id: null,
        args: { reason: 'Server is shutting down' },
      });
    }
  });

  it('is at once on the second signal', async () => {
    const server = await start(`cleanup() { note('cleanup'); return new Promise(() => {}); }`);
    const exited = once(server.child, 'exit');
    server.child.kill('SIGTERM');
    await vi.waitUntil(() => existsSync(note), 10_000);
    server.child.kill('SIGINT');
    expect((await exited)[0]).toBe(130);
  });

  it('is the same when it is asked for again and again', async () => {
    const server = await start();
    const client = await PlainClient.loggedIn(server.url);
    const exited = once(server.child, 'exit');
    for (let i = 0; i < 5; i += 1) void client.call('management.shutdown').catch(() => undefined);
    expect((await client.closed).code).toBe(1001);
    expect((await exited)[0]).toBe(0);
  });
});

describe('a mistake in a plugin', () => {
  it('is logged and costs nobody the server when it is a promise that nobody waits for', async () => {
    const server = await start(onEvent(`void Promise.reject(new Error('floating'));`));
    const client = await PlainClient.loggedIn(server.url);
    await tell(client);
    await vi.waitUntil(() => server.log.some((line) => line.includes('floating')), 10_000);
    expect(await client.result('management.ping')).toBe('pong');
    const line = server.log.find((entry) => entry.includes('floating'))!;
    expect(JSON.parse(line)).toMatchObject({ level: 'error', component: 'server' });
  });

  it('ends the server in good order and with status 1 when nothing catches it', async () => {
    const server = await start(
      onEvent(`setImmediate(() => { throw new Error('stray'); });`) +
        `cleanup() { note('cleanup'); }`,
    );
    const client = await PlainClient.loggedIn(server.url);
    const exited = once(server.child, 'exit');
    await tell(client).catch(() => undefined); // the goodbye may be faster than the answer
    expect((await client.closed).code).toBe(1001);
    expect((await exited)[0]).toBe(1);
    expect(await noted()).toEqual(['cleanup']);
    const line = server.log.find((entry) => entry.includes('stray'))!;
    expect(JSON.parse(line)).toMatchObject({ level: 'fatal', component: 'server' });
  });
});

describe('a signal while the server starts', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s ends it in good order', async (signal) => {
    const { status, stdout } = await runToEnd(`
      ${signalled(signal)}
      init() { return this.signalled(); }
      cleanup() { note('cleanup'); }`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(await noted()).toEqual(['cleanup']);
  });

  it('SIGHUP is kept until it has started', async () => {
    const server = await start(`${signalled('SIGHUP')} init() {
      note('init');
      const isFirst = !('hasRun' in globalThis);
      Object.assign(globalThis, { hasRun: true });
      return isFirst ? this.signalled() : undefined;
    }`);
    await vi.waitUntil(async () => (await noted()).length === 2, 10_000);
    expect(await server.stop()).toBe(0);
  });
});

describe('the doors', () => {
  it('answer 503 and the server is not ready while plugins load, which health checks can see', async () => {
    const [door, debug] = [await freePort(), await freePort()];
    const server = await start(
      `async init() {
        const get = (path: string) => fetch('http://127.0.0.1:${debug}' + path);
        note((await get('/readyz')).status + ' ' + (await get('/healthz')).status);
        const early = await fetch('http://127.0.0.1:${door}/socket');
        note(early.status + ' ' + early.headers.has('retry-after'));
      }`,
      { 'websocket-port': door, 'frontend-port': debug },
    );
    expect(await noted()).toEqual(['503 200', '503 true']);
    expect((await fetch(`http://127.0.0.1:${debug}/readyz`)).status).toBe(200);
    expect(await server.stop()).toBe(0);
  });

  it('stay closed and no plugin is loaded when the port of the debug server is in use', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const { status, stderr } = await runToEnd(`init() { note('init'); }`, {
      'frontend-port': port,
    });
    blocker.close();
    expect(status).toBe(1);
    expect(stderr).toContain(
      `dispatcher: Cannot listen on 127.0.0.1, port ${port} (debug mode): it is in use`,
    );
    expect(existsSync(note)).toBe(false);
  });
});
