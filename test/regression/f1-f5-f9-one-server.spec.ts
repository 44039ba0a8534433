import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { link, mkdtemp, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dump as dumpStore, openDatastore } from '../../src/datastore/index.js';
import { DATASTORE_DRIVERS } from '../../src/server/datastore-drivers.js';
import { mongodbAddress, type TestDatabase } from '../conformance/mongodb-target.js';
import { ServerProcess, type ServerSettings } from '../support/server-process.js';
import { PlainClient } from '../support/plain-client.js';

const run = promisify(execFile);
const TOOL = fileURLToPath(new URL('../../dist/src/cli/dispatcherctl.js', import.meta.url));
/** Nothing of these servers is about plugins. */
const BARE = { 'shipped-plugins': false } as const;

vi.setConfig({ testTimeout: 120_000 });

let folder: string;
let servers: ServerProcess[];
let database: TestDatabase | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dispatcher-lease-'));
  servers = [];
});
afterEach(async () => {
  for (const server of servers) {
    server.child.kill('SIGCONT');
    await server.stop('SIGKILL');
  }
  await rm(folder, { recursive: true, force: true });
  await database?.drop();
  database = null;
});

async function start(settings: ServerSettings): Promise<ServerProcess> {
  const server = await ServerProcess.start(settings);
  servers.push(server);
  return server;
}

/** A store that is reached by that path or address, in a state folder of the server's own. */
function on(dsn: string, dispatcher: ServerSettings['dispatcher'] = {}): ServerSettings {
  const driver = dsn.startsWith('mongodb') ? 'mongodb' : 'sqlite';
  return { dispatcher: { ...BARE, ...dispatcher }, datastore: { driver, dsn } };
}

/** All that is in the store, as a tool beside the server reads it. */
async function dump(dsn: string): Promise<string> {
  const { datastore } = on(dsn);
  await writeFile(join(folder, 'tool.conf'), JSON.stringify({ datastore }));
  const driver = dsn.startsWith('mongodb') ? 'mongodb' : 'sqlite';
  const store = await openDatastore({ driver, dsn }, { drivers: DATASTORE_DRIVERS });
  const lines = new PassThrough();
  const [written] = await Promise.all([
    text(lines),
    dumpStore(store, lines).finally(() => lines.end()),
  ]);
  await store.close();
  return written;
}

/** The store with something in it that a recovery would change: an open session, users. */
async function occupied(dsn: string): Promise<{ server: ServerProcess; client: PlainClient }> {
  const server = await start(on(dsn));
  const client = await PlainClient.loggedIn(server.url);
  await client.request('rpc', 'call', {
    method: 'account.create',
    args: [{ username: 'jane', roles: ['reader'] }],
  });
  await vi.waitUntil(async () => (await dump(dsn)).includes('"active":true'), { timeout: 20_000 });
  return { server, client };
}

function addUser(client: PlainClient, username: string) {
  return client.request('rpc', 'call', {
    method: 'account.create',
    args: [{ username, roles: [] }],
  });
}

/** Its one line says whose the store is. */
async function expectRefusal(settings: ServerSettings, first: ServerProcess): Promise<void> {
  const { status, stderr, stdout } = await ServerProcess.fail(settings);
  expect(stderr.trim().split('\n')).toEqual([
    expect.stringContaining(`is in use by process ${first.pid} on `),
  ]);
  expect(stderr).toContain(first.url);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
}

describe.each(['sqlite', 'mongodb'])('on %s', (driver) => {
  const isMissing = driver === 'mongodb' && (process.env['MONGODB_URI'] ?? '') === '';

  function freshStore(): string {
    if (driver === 'sqlite') return join(folder, 'store.db');
    database = mongodbAddress('lease');
    return database?.dsn ?? '';
  }

  it.skipIf(isMissing)(
    'F1: a second start ends with one line, with and without the debug server, and changes no row',
    async () => {
      const dsn = freshStore();
      const { server, client } = await occupied(dsn);
      const before = await dump(dsn);
      await expectRefusal(on(dsn), server);
      await expectRefusal(on(dsn, { frontend: false }), server);
      expect(await dump(dsn)).toBe(before);
      expect(await addUser(client, 'still')).toMatchObject({ name: 'response' });
    },
  );

  it.skipIf(isMissing)('F1: after kill -9 a start succeeds at once, and of two one', async () => {
    const dsn = freshStore();
    const { server } = await occupied(dsn);
    await server.stop('SIGKILL');
    const outcomes = await Promise.allSettled([start(on(dsn)), start(on(dsn))]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it.skipIf(isMissing)('F1: a tool that writes is refused beside a server', async () => {
    const dsn = freshStore();
    const { server } = await occupied(dsn);
    const file = join(folder, 'dump.jsonl');
    await writeFile(file, await dump(dsn));
    const words = ['datastore', '-c', join(folder, 'tool.conf'), 'restore', '--replace', file];
    const before = await dump(dsn);
    await expect(run(process.execPath, [TOOL, ...words])).rejects.toThrow(
      `is in use by process ${server.pid}`,
    );
    expect(await dump(dsn)).toBe(before);
    await server.stop();
    await expect(run(process.execPath, [TOOL, ...words])).resolves.toMatchObject({ stderr: '' });
  });
});

describe('the data file', () => {
  it.each<[string, (file: string, other: string) => Promise<void>]>([
    ['a symbolic link', (file, other) => symlink(file, other)],
    ['a hard link', (file, other) => link(file, other)],
  ])('F1: is not opened by %s either', async (_, connect) => {
    const file = join(folder, 'store.db');
    const server = await start(on(file));
    await connect(file, join(folder, 'other.db'));
    const { status, stderr } = await ServerProcess.fail(on(join(folder, 'other.db')));
    expect({ status, lines: stderr.trim().split('\n').length }).toEqual({ status: 1, lines: 1 });
    expect(stderr).toContain('is in use by');
    expect(server.hasExited).toBe(false);
  });

  it('F1: keeps a second server off when its lock file was removed or says nothing', async () => {
    const file = join(folder, 'store.db');
    await start(on(file));
    await writeFile(`${file}.lock`, '{garbage');
    const garbled = await ServerProcess.fail(on(file));
    expect(garbled.stderr).toContain('is in use by another process');
    await unlink(`${file}.lock`);
    expect((await ServerProcess.fail(on(file))).stderr).toContain('is in use by');
  });

  it('F1: that was put in the place of another is not opened on top of its log', async () => {
    const file = join(folder, 'store.db');
    await start(on(file));
    await rename(file, join(folder, 'aside.db'));
    await writeFile(file, '');
    expect((await ServerProcess.fail(on(file))).stderr).toContain('is in use by');
    expect(await readFile(file, 'utf8')).toBe('');
  });

  it.each(['', '-wal'])(
    'F5: nothing is acknowledged into a file (store.db%s) that was unlinked, and health tells',
    async (suffix) => {
      const file = join(folder, 'store.db');
      const server = await start(on(file));
      const client = await PlainClient.loggedIn(server.url);
      const debug = /http:\/\/[^)\s]+/.exec(server.readyLine)?.[0] ?? '';
      expect((await fetch(`${debug}/healthz`)).status).toBe(200);
      await rename(`${file}${suffix}`, join(folder, 'aside'));
      const answer = await addUser(client, 'lost');
      expect(answer).toMatchObject({ name: 'error', args: { name: 'EIO' } });
      for (const page of ['healthz', 'readyz']) {
        const response = await fetch(`${debug}/${page}`);
        expect(response.status).toBe(503);
        expect(await response.text()).toContain('was removed or replaced');
      }
      await rename(join(folder, 'aside'), `${file}${suffix}`);
      expect(await addUser(client, 'found')).toMatchObject({ name: 'response' });
      // not at once: for some seconds after a failure a change that works proves little
      await vi.waitFor(async () => expect((await fetch(`${debug}/readyz`)).status).toBe(200), {
        timeout: 20_000,
        interval: 250,
      });
    },
  );
});

describe('a holder that was stopped', () => {
  it.skipIf((process.env['MONGODB_URI'] ?? '') === '')(
    'F1: loses the store after 15 s, and finds when it wakes up that nothing it writes is written',
    async () => {
      database = mongodbAddress('lease');
      const dsn = database?.dsn ?? '';
      const { server, client } = await occupied(dsn);
      server.child.kill('SIGSTOP');
      // on its way while nobody reads it
      const late = addUser(client, 'late').catch(() => null);
      const heir = await start(on(dsn));
      const exited = once(server.child, 'exit');
      server.child.kill('SIGCONT');
      expect(await exited).toEqual([1, null]);
      expect(server.log.filter((line) => line.includes('this server ends at once'))).toHaveLength(
        1,
      );
      await Promise.race([late, client.closed]);
      expect(await dump(dsn)).not.toContain('"late"');
      expect(await addUser(await PlainClient.loggedIn(heir.url), 'next')).toMatchObject({
        name: 'response',
      });
    },
  );
});

describe('a start', () => {
  it.each(['websocket-port', 'frontend-port'])(
    'F9: with a busy %s ends with one line, before a plugin is loaded or a row is changed',
    async (key) => {
      const file = join(folder, 'store.db');
      const { server } = await occupied(file);
      await server.stop('SIGKILL');
      const before = await dump(file);
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as { port: number };
      const { status, stderr } = await ServerProcess.fail(
        on(file, { [key]: port, 'shipped-plugins': true }),
      );
      other.close();
      expect(status).toBe(1);
      expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(`port ${port}`)]);
      expect(await dump(file)).toBe(before);
    },
  );

  it('F9: that is told to stop before it is ready says nothing of a closed store', async () => {
    const file = join(folder, 'store.db');
    const { server } = await occupied(file);
    await server.stop('SIGKILL');
    const ending = ServerProcess.fail(on(file), (child) => {
      void vi
        .waitUntil(() => readFileSync(`${file}.lock`, 'utf8').includes(`"pid":${child.pid!},`), {
          timeout: 60_000,
        })
        .then(() => child.kill('SIGTERM'));
    });
    const { status, stderr } = await ending;
    expect(status).toBe(0);
    expect(stderr).not.toMatch(/closed|could not be/);
  });
});
