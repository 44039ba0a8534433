import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PlainClient } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

const OWN = 'https://nas.example';

let server: PluginServer;
let base: string;
const opened: PlainClient[] = [];

beforeAll(async () => {
  server = await PluginServer.start(
    {},
    {
      dispatcher: {
        'allowed-origins': [OWN],
        'trusted-proxies': ['127.0.0.0/8'],
        'token-lifetime': 1,
        limits: { 'login-timeout-ms': 1_000, 'connections-per-address': 2 },
      },
    },
  );
  base = server.process.url.replace(/^ws/, 'http').replace(/\/socket$/, '');
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.close()));
  await server.closeClients();
});
afterAll(() => server.stop());

async function connect(path: string, headers: Readonly<Record<string, string>> = {}) {
  const url = new URL(path, server.process.url).href;
  const client = await PlainClient.connect(url, { headers });
  opened.push(client);
  return client;
}

const login = (client: PlainClient, username = 'root') =>
  client.request('rpc', 'auth', { username, password: '' });

describe('the port', () => {
  it.each([
    '/shell',
    '/file',
    '/filedownload?token=x',
    '/dispatcher/shell',
    '/dispatcher',
    '/socketx',
    '//socket',
    '/socket/',
  ])('answers an upgrade to %s with 404', async (path) => {
    const { port } = new URL(server.process.url);
    const url = `ws://127.0.0.1:${port}${path}`;
    await expect(PlainClient.connect(url)).rejects.toThrow('404');
  });

  it.each(['/?a=b', '/socket?token=x', '/dispatcher/socket?'])(
    'does not mind the query of %s',
    async (path) => {
      expect((await login(await connect(path))).name).toBe('response');
    },
  );

  it.each(['/', '/socket', '/nothing', '/filedownload?token=x'])(
    'answers a plain request for %s',
    async (path) => {
      const { status } = await fetch(`${base}${path}`);
      expect([404, 426]).toContain(status);
    },
  );

  it('answers a message that comes in fragments, and keeps the order', async () => {
    const client = await connect('/socket');
    await login(client);
    const { socket } = client;
    socket.send('{"namespace":"rpc","name":"call","id":"first",', { fin: false });
    socket.ping();
    socket.send('"args":{"method":"management.ping","args":[]}}', { fin: true });
    client.send('rpc', 'call', 'second', { method: 'management.ping', args: [] });
    await client.find(({ id }) => id === 'second');
    expect(client.received.slice(1).map(({ id }) => id)).toEqual(['first', 'second']);
  });

  it('closes with 1009 for a message that is too big only as a whole', async () => {
    const client = await connect('/socket');
    client.socket.send(`"${'x'.repeat(6_000)}`, { fin: false });
    client.socket.send(`${'y'.repeat(6_000)}"`, { fin: true });
    expect((await client.closed).code).toBe(1009);
  });

  it('takes a message of nearly 4 MiB after login', async () => {
    const client = await connect('/socket');
    await login(client);
    const text = 'x'.repeat(4 * 1024 * 1024 - 200);
    expect((await client.call(text)).args).toMatchObject({
      code: 22,
      message: 'Invalid function path',
    });
  });
});

describe('an Origin', () => {
  it.each([
    'https://evil.example',
    'null',
    'http://nas.example',
    'https://nas.example:444',
    'https://nas.example.evil',
  ])('%s that is not on the list is refused with 403', async (origin) => {
    await expect(connect('/socket', { Origin: origin })).rejects.toThrow('403');
  });

  it('on the list may connect, and a client without one', async () => {
    expect((await login(await connect('/socket', { Origin: OWN }))).name).toBe('response');
    expect((await login(await connect('/socket'))).name).toBe('response');
  });
});

describe('forwarded headers of a trusted proxy', () => {
  it.each<[string, Record<string, string>, string]>([
    ['X-Real-IP and port', { 'X-Real-IP': '10.1.2.3', 'X-Real-Port': '77' }, '10.1.2.3,77'],
    ['the last hop of X-Forwarded-For', { 'X-Forwarded-For': '10.9.9.9, 10.1.2.4' }, '10.1.2.4,'],
    ['IPv6', { 'X-Real-IP': 'fd00::1' }, 'fd00::1,'],
  ])('name the client: %s', async (_, headers, address) => {
    const client = await connect('/socket', headers);
    expect(await client.result('management.get_sender_address')).toContain(address);
  });

  it.each(['127.0.0.1', '::1', '10.1.2.5', 'nonsense'])(
    'never make it local: %s',
    async (address) => {
      const client = await connect('/socket', { 'X-Real-IP': address });
      expect((await login(client)).args).toMatchObject({ code: 13 });
      expect(await client.request('rpc', 'auth_service', { name: 'x' })).toMatchObject({
        name: 'error',
        args: { code: 13 },
      });
    },
  );

  it('count for the connections of one address', async () => {
    const headers = { 'X-Real-IP': '10.1.2.6' };
    await connect('/socket', headers);
    const second = await connect('/socket', headers);
    await expect(connect('/socket', headers)).rejects.toThrow('503');
    await connect('/socket', { 'X-Real-IP': '10.1.2.7' });
    await second.close();
    await expect
      .poll(() => connect('/socket', headers).then(() => 'connected', String))
      .toBe('connected');
  });

  it('make the client log in in time, else 4008; a loopback peer may take its time', async () => {
    const local = await connect('/socket');
    const remote = await connect('/socket', { 'X-Real-IP': '10.1.2.8' });
    expect((await remote.closed).code).toBe(4008);
    expect((await local.call('management.ping')).args).toMatchObject({ message: 'Not logged in' });
  });
});

describe('a token', () => {
  it('that expires logs its connection out with a reason, and is of no use then', async () => {
    const client = await connect('/socket');
    const [token] = (await login(client)).args as [string];
    await client.closed;
    expect(client.received.at(-1)).toMatchObject({
      namespace: 'events',
      name: 'logout',
      id: null,
      args: { reason: expect.any(String) as unknown },
    });
    const other = await connect('/socket');
    const reply = await other.request('rpc', 'auth_token', { token });
    expect(reply).toMatchObject({ name: 'error', args: { code: 13 } });
  });

  it('survives its connection', async () => {
    const client = await connect('/socket');
    const [token] = (await login(client)).args as [string];
    await client.close();
    const other = await connect('/socket');
    expect((await other.request('rpc', 'auth_token', { token })).args).toMatchObject([
      expect.not.stringContaining(token),
      1,
      'root',
    ]);
    expect(await other.result('management.ping')).toBe('pong');
  });
});

describe('the unix socket', () => {
  it('belongs to the configured group, and lets in root but no user who is not in the store', async () => {
    const other = await PluginServer.start({});
    const path = join(other.process.directory, 'own.sock');
    const unix = await PluginServer.start(
      {},
      { dispatcher: { 'unix-socket': path, 'unix-socket-group': 'daemon' } },
    );
    const { stdout } = spawnSync('stat', ['-c', '%a %G', path], { encoding: 'utf8' });
    expect(stdout.trim()).toBe('660 daemon');
    for (const url of ['/', '/socket', '/dispatcher/socket']) {
      const client = await PlainClient.connect(`ws+unix://${path}:${url}`);
      expect((await login(client, 'daemon')).args).toMatchObject({
        code: 13,
        message: 'Not authorized',
      });
      const checked = { username: 'root', password: '', check_password: true };
      expect((await client.request('rpc', 'auth', checked)).args).toMatchObject({ code: 13 });
      expect((await login(client)).name).toBe('response');
      await client.close();
    }
    await expect(PlainClient.connect(`ws+unix://${path}:/nothing`)).rejects.toThrow('404');
    await unix.stop();
    await other.stop();
  });
});
