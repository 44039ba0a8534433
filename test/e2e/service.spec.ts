import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

const ENTRY = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

let directory: string;
const running: ServerProcess[] = [];

async function start(dispatcher: Readonly<Record<string, unknown>> = {}): Promise<ServerProcess> {
  const server = await ServerProcess.start({ dispatcher });
  running.push(server);
  return server;
}

/** Runs the server's command until it ends, for everything that ends by itself. */
function command(...args: string[]) {
  const env = { ...process.env, STATE_DIRECTORY: join(directory, 'state') };
  return spawnSync(process.execPath, [ENTRY, ...args], { encoding: 'utf8', env });
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-service-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  await rm(directory, { recursive: true, force: true });
});

describe('the listeners', () => {
  it('speak TLS when told to', async () => {
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-keyout',
        key,
        '-out',
        cert,
      ],
      { stdio: 'ignore' },
    );
    const server = await start({ tls: true, 'tls-certificate': cert, 'tls-keyfile': key });
    expect(server.url).toMatch(/^wss:/);
    const client = await PlainClient.connect(server.url, {
      ca: await readFile(cert),
    });
    expect(await client.result('management.get_sender_address')).toMatch(/^127\.0\.0\.1,/);
    await client.close();
  });

  it('serve the unix socket, where being able to open it is the proof, and remove it in the end', async () => {
    const path = join(directory, 'dispatcher.sock');
    const server = await start({ 'unix-socket': path });
    expect((await stat(path)).mode & 0o777).toBe(0o660);
    const client = await PlainClient.connect(`ws+unix://${path}:/socket`);
    expect((await client.request('rpc', 'auth', { username: 'root' })).name).toBe('response');
    expect((await client.request('rpc', 'auth_service', { name: 'etcd' })).args).toEqual([]);
    expect(await client.result('management.get_sender_address')).toMatch(/^unix,\d+$/);
    await client.close();
    await server.stop();
    expect(existsSync(path)).toBe(false);
  });

  it('take over the socket file that a killed server left behind', async () => {
    const path = join(directory, 'dispatcher.sock');
    const killed = await start({ 'unix-socket': path });
    await killed.stop('SIGKILL');
    expect(existsSync(path)).toBe(true);
    await start({ 'unix-socket': path });
    const client = await PlainClient.connect(`ws+unix://${path}:/socket`);
    await client.close();
  });

  it('refuse a foreign origin with 403 when origins are listed', async () => {
    const server = await start({ 'allowed-origins': ['https://nas.example'] });
    const foreign = PlainClient.connect(server.url, { origin: 'https://evil.example' });
    await expect(foreign).rejects.toThrow('403');
    const welcome = await PlainClient.connect(server.url, { origin: 'https://nas.example' });
    await welcome.close();
  });

  it('refuse a connection over the limit with 503', async () => {
    const server = await start({ limits: { connections: 1 } });
    const first = await PlainClient.connect(server.url);
    await expect(PlainClient.connect(server.url)).rejects.toThrow('503');
    await first.close();
  });
});

describe('limits', () => {
  it('refuse one call more than may be in flight, and only that one', async () => {
    const server = await start({ limits: { 'calls-in-flight': 2 } });
    const client = await PlainClient.loggedIn(server.url);
    const calls = [1, 2, 3].map(() => client.call('management.reload_plugins', ['system']));
    const [first, second, third] = await Promise.all(calls);
    expect([first?.name, second?.name]).toEqual(['response', 'response']);
    expect(third?.args).toEqual({
      code: 16,
      name: 'EBUSY',
      message: 'Number of simultaneous requests exceeded',
    });
    await client.close();
  });

  it('let go of a client that does not read, and of nobody else', async () => {
    const server = await start({ limits: { 'outbox-frames': 50, 'outbox-grace-ms': 1_000 } });
    const watcher = await PlainClient.loggedIn(server.url);
    watcher.send('events', 'subscribe', null, ['server.client_stalled']);
    await watcher.settled();
    const stalled = await PlainClient.loggedIn(server.url);
    stalled.socket.pause();
    for (let i = 0; i < 20_000; i += 1)
      stalled.send('rpc', 'call', i, { method: 'management.get_plugins', args: [] });
    const event = await watcher.find(({ name }) => name === 'event');
    expect(event.args).toMatchObject({ name: 'server.client_stalled' });
    stalled.socket.resume();
    expect((await stalled.closed).code).not.toBe(1000);
    expect(await watcher.result('management.ping')).toBe('pong');
    await watcher.close();
  });

  it('end a connection that answers no ping', async () => {
    const server = await start({ limits: { 'heartbeat-ms': 1_000 } });
    const client = await PlainClient.connect(server.url, { autoPong: false });
    expect((await client.closed).code).toBe(1006);
    const polite = await PlainClient.loggedIn(server.url);
    await once(polite.socket, 'ping');
    await once(polite.socket, 'ping');
    await once(polite.socket, 'ping');
    expect(await polite.result('management.ping')).toBe('pong');
    await polite.close();
  });
});

describe('the process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'says 1001 to everybody on %s and exits with 0',
    async (signal) => {
      const server = await start();
      const clients = await Promise.all([1, 2, 3].map(() => PlainClient.loggedIn(server.url)));
      expect(await server.stop(signal)).toBe(0);
      for (const client of clients) expect((await client.closed).code).toBe(1001);
    },
  );

  it('stops when an admin calls management.shutdown', async () => {
    const server = await start();
    const client = await PlainClient.loggedIn(server.url);
    client.send('events', 'subscribe', null, ['server.shutdown']);
    const exited = once(server.child, 'exit');
    expect(await client.result('management.shutdown')).toBeNull();
    await client.find(({ name }) => name === 'event');
    expect((await client.closed).code).toBe(1001);
    expect((await exited)[0]).toBe(0);
  });

  it('prints one line with its addresses when it is ready', async () => {
    const server = await start();
    expect(server.readyLine).toMatch(
      /^dispatcher \d+\.\d+\.\d+ is ready at ws:\/\/127\.0\.0\.1:\d+\/socket \(debug mode: http:\/\/127\.0\.0\.1:\d+\)$/,
    );
  });

  it('says in one line which port is in use, and leaves nothing running', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    const file = join(directory, 'c.conf');
    await writeFile(
      file,
      JSON.stringify({
        dispatcher: {
          'websocket-port': port,
          'websocket-address': '127.0.0.1',
          'frontend-port': 0,
        },
      }),
    );
    const { status, stderr } = command('-c', file);
    blocker.close();
    expect(status).toBe(1);
    expect(stderr.split('\n').filter((line) => line.startsWith('dispatcher: '))).toEqual([
      `dispatcher: Cannot listen on 127.0.0.1, port ${port}: it is in use (is another dispatcher running?)`,
    ]);
    expect(stderr).not.toContain('    at ');
  });

  it.each([
    [
      'a key that is nearly right',
      { dispatcher: { 'websocket-prot': 1 } },
      /websocket-prot.*did you mean "websocket-port"/,
    ],
    ['a wrong type', { dispatcher: { 'websocket-port': 'x' } }, /websocket-port/],
    ['TLS without files', { dispatcher: { tls: true } }, /tls-certificate/],
  ])(
    'refuses a configuration with %s in one clear line and status 1',
    async (_, content, message) => {
      const file = join(directory, 'c.conf');
      await writeFile(file, JSON.stringify(content));
      const { status, stderr, stdout } = command('-c', file);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr).not.toContain('    at ');
    },
  );

  it('names file, line and column of a syntax error, and a file that is not there', async () => {
    const file = join(directory, 'c.conf');
    await writeFile(file, '{\n  "dispatcher": {\n    "tls": maybe\n  }\n}');
    expect(command('-c', file).stderr).toContain(`${file}:3:12`);
    expect(command('-c', join(directory, 'none.conf')).stderr).toContain('none.conf');
  });

  it('checks a configuration without starting, leaves other sections alone, and knows its version', async () => {
    const file = join(directory, 'c.conf');
    await writeFile(
      file,
      JSON.stringify({ etcd: { anything: 1 }, cli: [], dispatcher: { pidfile: '/run/x.pid' } }),
    );
    expect(command('--check-config', '-c', file).status).toBe(0);
    expect(command('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(command('--help').stdout).toContain('--check-config');
    expect(command('--chek-config').stderr).toContain('--check-config');
  });
});

describe('the debug-mode server', () => {
  it('shows what is offered, and is up when the readiness says so', async () => {
    const server = await start();
    const base = /http:\/\/127\.0\.0\.1:\d+/.exec(server.readyLine)![0];
    expect(await (await fetch(`${base}/readyz`)).json()).toMatchObject({ status: 'ready' });
    expect(await (await fetch(base)).text()).toContain('<script');
    expect(await (await fetch(`${base}/schema.json`)).json()).toHaveProperty('definitions');
  });

  it('refuses a foreign Host and a foreign Origin', async () => {
    const server = await start();
    const base = /http:\/\/127\.0\.0\.1:\d+/.exec(server.readyLine)![0];
    const port = new URL(base).port;
    const foreignHost = spawnSync(
      'curl',
      ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', `Host: evil.example:${port}`, base],
      { encoding: 'utf8' },
    );
    expect(foreignHost.stdout).toBe('403');
    expect((await fetch(base, { headers: { Origin: 'http://evil.example' } })).status).toBe(403);
  });

  it('is off when the configuration says so', async () => {
    const server = await start({ frontend: false });
    expect(server.readyLine).not.toContain('debug mode');
  });
});
