import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

const CTL = fileURLToPath(new URL('../../dist/src/cli/dispatcherctl.js', import.meta.url));
const MONGODB_URI = process.env['MONGODB_URI'];

/**
 * Keeps what a dispatcher keeps: users (unique names, uuids), tasks (serial ids, rows with dates,
 * keys with dots and dollars, integers past 2^53) and settings.
 */
const PLUGIN = `
import { accepts, Datastore, description, h, Plugin, Provider, provider, query, returns } from 'dispatcher';

@provider('keeper')
export class KeeperProvider extends Provider {
  @description('Adds a user') @accepts(h.string()) @returns(h.any())
  addUser(username: string) {
    return this.datastore.insert('users', { username, roles: ['reader'], password: '$scrypt$ln=15,r=8,p=1$abc$def' });
  }

  @description('Adds a task') @accepts(h.string()) @returns(h.any())
  addTask(name: string) {
    return this.datastore.insert('jobs', {
      name, state: 'WAITING', parent: null, started_at: new Date(0),
      args: [{ 'a.b': 1, $where: 'no', big: 2n ** 60n, data: Buffer.from('x') }],
      progress: { percentage: 0, message: null, extra: null },
    });
  }

  @description('Lists users') @query(Object)
  users(filter: any, params: any) { return this.datastore.query('users', filter, params); }

  @description('Lists tasks') @query(Object)
  tasks(filter: any, params: any) { return this.datastore.query('jobs', filter, params); }

  @description('Keeps a setting') @accepts(h.string(), h.any()) @returns(null)
  async set(key: string, value: unknown) { await this.configstore.set(key, value); return null; }

  @description('A setting') @accepts(h.string()) @returns(h.any())
  get(key: string) { return this.configstore.get(key); }
}

@Plugin({ providers: [KeeperProvider] })
export default class KeeperPlugin {
  constructor(private readonly datastore: Datastore) {}
  async init() {
    await this.datastore.requireCollection('users', { key: 'uuid', unique: ['username'] });
    await this.datastore.requireCollection('jobs', { key: 'serial', indexes: ['state'] });
  }
}
`;

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-store-'));
  await writeFile(join(directory, 'keeper.ts'), PLUGIN);
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** A datastore section of the configuration. */
type Store = Readonly<Record<'driver' | 'dsn', string>>;

/** Runs a server over the store, hands a logged-in client to `work`, and ends it with the signal. */
async function withServer<T>(
  datastore: Store,
  work: (client: PlainClient) => Promise<T>,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<T> {
  const server = await ServerProcess.start({
    datastore,
    dispatcher: { 'plugin-dirs': [directory] },
  });
  try {
    const client = await PlainClient.loggedIn(server.url);
    const result = await work(client);
    if (signal === 'SIGTERM') await client.close();
    return result;
  } finally {
    await server.stop(signal);
  }
}

const everything = async (client: PlainClient): Promise<unknown> => ({
  users: await client.result('keeper.users', null, { sort: 'username' }),
  tasks: await client.result('keeper.tasks', [['state', '=', 'WAITING']], { sort: 'id' }),
  setting: await client.result('keeper.get', 'system.language'),
});

async function fill(client: PlainClient): Promise<unknown> {
  for (const name of ['ann', 'bob', 'cid']) await client.result('keeper.add_user', name);
  expect((await client.call('keeper.add_user', 'bob')).args).toMatchObject({ code: 17 });
  for (const name of ['disk.erase', 'pool.create']) await client.result('keeper.add_task', name);
  await client.result('keeper.set', 'system.language', { $long: '9007199254740995' });
  return everything(client);
}

function ctl(store: Store, ...args: string[]): void {
  const file = join(directory, `${store.driver}.conf`);
  writeFileSync(file, JSON.stringify({ datastore: store }));
  execFileSync(process.execPath, [CTL, 'datastore', ...args, '--config', file], { stdio: 'pipe' });
}

const sqlite = (name: string): Store => ({ driver: 'sqlite', dsn: join(directory, `${name}.db`) });
const mongodb = (name: string): Store => ({ driver: 'mongodb', dsn: databaseUrl(name) });

function databaseUrl(name: string): string {
  const url = new URL(MONGODB_URI ?? 'mongodb://127.0.0.1');
  url.pathname = `/${name}_${process.pid}`;
  return url.href;
}

const TARGETS: readonly (readonly [string, (name: string) => Store])[] = [
  ['sqlite', sqlite],
  ...(MONGODB_URI === undefined ? [] : ([['mongodb', mongodb]] as const)),
];

describe.each(TARGETS)('a server over %s', (_, store) => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'has after %s and a restart what it had before',
    async (signal) => {
      const target = store(`restart_${signal}`);
      const before = await withServer(target, fill, signal);
      expect(await withServer(target, everything)).toEqual(before);
      const next = await withServer(target, (client) =>
        client.result('keeper.add_task', 'pool.destroy'),
      );
      expect(next, 'ids go on').toBe(3);
    },
  );
});

describe('moving a store', () => {
  it.skipIf(MONGODB_URI === undefined)(
    'from sqlite to mongodb and back keeps rows, ids and settings',
    async () => {
      const dump = join(directory, 'dump.jsonl');
      const before = await withServer(sqlite('first'), fill);
      ctl(sqlite('first'), 'dump', dump);
      ctl(mongodb('moved'), 'restore', dump);
      expect(await withServer(mongodb('moved'), everything)).toEqual(before);
      const back = join(directory, 'back.jsonl');
      ctl(mongodb('moved'), 'dump', back);
      ctl(sqlite('second'), 'restore', back);
      expect(await withServer(sqlite('second'), everything)).toEqual(before);
    },
  );

  it('keeps them from sqlite to sqlite as well', async () => {
    const dump = join(directory, 'again.jsonl');
    const before = await withServer(sqlite('third'), fill);
    ctl(sqlite('third'), 'dump', dump);
    ctl(sqlite('fourth'), 'restore', dump);
    expect(await withServer(sqlite('fourth'), everything)).toEqual(before);
  });
});

describe('a store that cannot be had', () => {
  it.each([
    [
      'nobody answers',
      {
        driver: 'mongodb',
        dsn: 'mongodb://admin:VERYSECRET@127.0.0.1:9/x?serverSelectionTimeoutMS=500',
      },
    ],
    ['no file can be where it is to be', { driver: 'sqlite', dsn: '/dev/null/store.db' }],
  ])('because %s ends the start with one line, status 1 and no secret', async (_, datastore) => {
    const start = ServerProcess.start({ datastore });
    await expect(start).rejects.toThrow(
      /The server ended before it was ready: (?:\{[^\n]*does not answer[^\n]*\n)?dispatcher: [^\n]+$/,
    );
    await expect(start).rejects.not.toThrow('VERYSECRET');
  });
});
