import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { lstat, rename, symlink, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ListenerOptions, Listeners } from './listeners.js';

const TCP: ListenerOptions = {
  port: 0,
  address: '127.0.0.1',
  tls: null,
  unix: null,
  maxConnections: 100,
  connectionsPerAddress: 100,
  isUnlimited: () => false,
};

let folder: string;
let opened: { listeners: Listeners; servers: Map<string, Server> }[];
const clients: Socket[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dispatcher-listeners-'));
  opened = [];
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await Promise.all(opened.map(({ listeners }) => listeners.close(0)));
  rmSync(folder, { recursive: true });
});

function make(options: Partial<ListenerOptions> = {}) {
  const servers = new Map<string, Server>();
  const listeners = new Listeners({ ...TCP, ...options }, (server, transport) =>
    servers.set(transport, server),
  );
  const made = { listeners, servers };
  opened.push(made);
  return made;
}

async function open(options: Partial<ListenerOptions> = {}) {
  const { listeners, servers } = make(options);
  const urls = await listeners.listen();
  const address = servers.get('tcp')!.address() as AddressInfo;
  return { listeners, servers, urls, port: address.port };
}

/** A socket that is connected, and known to the server. */
async function dial(server: Server | undefined, where: { port: number } | { path: string }) {
  const client = connect({ ...where, host: '127.0.0.1' });
  client.on('error', () => undefined);
  clients.push(client);
  await Promise.all([once(client, 'connect'), once(server!, 'connection')]);
  return client;
}

function unix(name = 'x.sock') {
  const path = join(folder, name);
  return { path, options: { unix: { path, group: null } } };
}

describe('the sockets of one address', () => {
  it('are as many as its connections and a few more, whether they say anything or not', async () => {
    const { listeners, servers, port } = await open({ connectionsPerAddress: 4 });
    for (let i = 0; i < 20; i += 1) await dial(servers.get('tcp'), { port });
    expect(listeners.openSockets).toBe(20);
    const surplus = await dial(servers.get('tcp'), { port });
    await once(surplus, 'close');
    expect(listeners.openSockets).toBe(20);
    const gone = once(clients[0]!, 'close');
    clients[0]!.destroy();
    await gone;
    await vi.waitFor(() => expect(listeners.openSockets).toBe(19));
    await dial(servers.get('tcp'), { port });
    expect(listeners.openSockets).toBe(20);
  });

  it('are unlimited for an address that stands for many', async () => {
    const { listeners, servers, port } = await open({
      connectionsPerAddress: 1,
      isUnlimited: () => true,
    });
    for (let i = 0; i < 20; i += 1) await dial(servers.get('tcp'), { port });
    expect(listeners.openSockets).toBe(20);
  });
});

describe('closing', () => {
  it.each([
    ['nothing at all', ''],
    ['half a request', 'GET /socket HTTP/1.1\r\nHost: nas\r\nUpgr'],
  ])('cuts off a client that has sent %s', async (_, sent) => {
    const { listeners, servers, port } = await open();
    const client = await dial(servers.get('tcp'), { port });
    client.write(sent);
    const gone = once(client, 'close');
    await listeners.close(20);
    await gone;
    await vi.waitUntil(() => listeners.openSockets === 0);
  });

  it('cuts off a client in the middle of a TLS handshake', async () => {
    const { listeners, servers, port } = await open({ tls: certificate() });
    const client = await dial(servers.get('tcp'), { port });
    client.write(Buffer.from([22, 3, 1, 2, 0, 1]));
    const gone = once(client, 'close');
    await listeners.close(20);
    await gone;
  });

  it('cuts off sockets that were upgraded, which Node itself forgets', async () => {
    const { listeners, servers, port } = await open();
    servers.get('tcp')!.on('upgrade', () => undefined);
    const client = await dial(servers.get('tcp'), { port });
    client.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await once(servers.get('tcp')!, 'upgrade');
    await listeners.close(20);
  });

  it('leaves clients the time to say goodbye', async () => {
    const { listeners, servers, port } = await open();
    const client = await dial(servers.get('tcp'), { port });
    const closing = listeners.close(60_000);
    client.end();
    await closing; // far sooner than the grace, or this test times out
  });
});

describe('open sockets', () => {
  it('are forgotten when they close, over TLS too', async () => {
    const tls = certificate();
    const { listeners, servers, port } = await open({ tls });
    const client = connectTls({ port, host: '127.0.0.1', ca: tls.cert });
    clients.push(client);
    await Promise.all([once(client, 'secureConnect'), once(servers.get('tcp')!, 'connection')]);
    expect(listeners.openSockets).toBe(1);
    client.end();
    await vi.waitUntil(() => listeners.openSockets === 0);
  });

  it('are few more than the clients that may connect, and silent ones are looked for', async () => {
    const { servers } = await open({ maxConnections: 7, ...unix().options });
    for (const server of servers.values()) {
      expect(server.maxConnections).toBe(7 + 64);
      expect(server).toMatchObject({ headersTimeout: 10_000, connectionsCheckingInterval: 2_000 });
    }
  });
});

describe('listeners', () => {
  it('are attached with the way clients come in', async () => {
    const { path, options } = unix();
    const { servers, urls, port } = await open(options);
    expect([...servers.keys()]).toEqual(['tcp', 'unix']);
    expect(urls).toEqual([`ws://127.0.0.1:${port}/socket`, `unix:${path}`]);
  });

  it('open all or none', async () => {
    const { path, options } = unix();
    await writeFile(path, 'somebody else’s file');
    const { listeners, servers } = make(options);
    await expect(listeners.listen()).rejects.toThrow(
      `Cannot listen on ${path}: it is in use (is another dispatcher running?)`,
    );
    expect([...servers.values()].map(({ listening }) => listening)).toEqual([false, false]);
    expect(readFileSync(path, 'utf8')).toBe('somebody else’s file');
    expect(readdirSync(folder)).toEqual(['x.sock']);
  });
});

describe('the unix socket', () => {
  it('has mode 0660, and leaves nothing beside it', async () => {
    const { path, options } = unix();
    await open(options);
    expect(statSync(path).mode & 0o777).toBe(0o660);
    expect(readdirSync(folder)).toEqual(['x.sock']);
  });

  it('is born where only its owner may enter', async () => {
    const modes: number[] = [];
    const { path, options } = unix();
    const listeners = new Listeners({ ...TCP, ...options }, (server, transport) => {
      if (transport === 'tcp') return;
      server.once('listening', () => {
        const place = server.address() as string;
        expect(place).not.toBe(path);
        modes.push(statSync(dirname(place)).mode & 0o777);
      });
    });
    await listeners.listen();
    await listeners.close(0);
    expect(modes).toEqual([0o700]);
  });

  it('is given to the group that is named', async () => {
    const { path } = unix();
    const line = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .find((row) => row.startsWith('daemon:'));
    await open({ unix: { path, group: 'daemon' } });
    expect(statSync(path).gid).toBe(Number(line!.split(':')[2]));
  });

  it('is not made for a group that does not exist', async () => {
    const { path } = unix();
    const { listeners } = make({ unix: { path, group: 'no-such-group' } });
    await expect(listeners.listen()).rejects.toThrow('this machine has no group no-such-group');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not taken from a server that listens there', async () => {
    const { path, options } = unix();
    await open(options);
    const before = (await lstat(path)).ino;
    await expect(make(options).listeners.listen()).rejects.toThrow('it is in use');
    expect((await lstat(path)).ino).toBe(before);
  });

  it('takes over from a dead server, but never through a link', async () => {
    const { path, options } = unix();
    await leaveDeadSocket(path);
    await symlink(path, join(folder, 'link'));
    await expect(make(unix('link').options).listeners.listen()).rejects.toThrow('it is in use');
    const { servers } = await open(options);
    await dial(servers.get('unix'), { path });
  });

  it('goes with its server', async () => {
    const { listeners } = await open(unix().options);
    await listeners.close(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of the next server stays', async () => {
    const { path, options } = unix();
    const { listeners } = await open(options);
    await rename(path, join(folder, 'old'));
    const next = await open(options);
    await listeners.close(0);
    await dial(next.servers.get('unix'), { path });
  });

  it('is gone as soon as the closing begins, so that the next server may come', async () => {
    const { path, options } = unix();
    const { listeners, servers } = await open(options);
    const client = await dial(servers.get('unix'), { path });
    const closing = listeners.close(60_000);
    await vi.waitUntil(() => readdirSync(folder).length === 0);
    const next = await open(options);
    client.destroy();
    await closing;
    await dial(next.servers.get('unix'), { path });
  });

  it('is refused in one line when its path is too long for the kernel', async () => {
    const { path, options } = unix('s'.repeat(108 - Buffer.byteLength(folder)));
    const { listeners } = make(options);
    await expect(listeners.listen()).rejects.toThrow(
      `Cannot listen on ${path}: the path is too long`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** What a server leaves behind that was killed. */
async function leaveDeadSocket(path: string): Promise<void> {
  const server = createServer().listen(`${path}.alive`);
  await once(server, 'listening');
  await rename(`${path}.alive`, path);
  await new Promise((resolve) => server.close(resolve));
}

function certificate(): { cert: Buffer; key: Buffer } {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const what = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost';
  const name = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', '-x509', ...what.split(' '), ...name], { stdio: 'ignore' });
  chmodSync(key, 0o600);
  return { cert: readFileSync(cert), key: readFileSync(key) };
}
