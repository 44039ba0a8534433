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

/** What plugins keep: rows in a collection of their own, and settings in the config store. */
const PLUGIN = `
import { accepts, type ConfigStore, Datastore, description, h, Plugin, Provider, provider, query, queryArray, returns } from 'dispatcher';

@provider('people')
export class PeopleProvider extends Provider {
  @description('Adds somebody') @accepts(h.string()) @returns(h.any())
  add(name: string) { return this.datastore.insert('people', { name, born: new Date(0), big: 2n ** 60n }); }

  @description('Lists everybody') @query(Object)
  query(filter: any, params: any) { return this.datastore.query('people', filter, params); }

  @description('Keeps a setting') @accepts(h.string(), h.any()) @returns(null)
  async set(key: string, value: unknown) { await this.configstore.set(key, value); return null; }

  @description('A setting') @accepts(h.string()) @returns(h.any())
  get(key: string) { return this.configstore.get(key); }
}

@Plugin({ providers: [PeopleProvider] })
export default class PeoplePlugin {
  constructor(private readonly datastore: Datastore) {}
  async init() { await this.datastore.requireCollection('people', { key: 'serial', unique: ['name'] }); }
}
`;

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-store-'));
  await writeFile(join(directory, 'people.ts'), PLUGIN);
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
  rows: await client.result('people.query', null, { sort: 'id' }),
  setting: await client.result('people.get', 'system.language'),
});

async function fill(client: PlainClient): Promise<unknown> {
  for (const name of ['ann', 'bob', 'cid']) await client.result('people.add', name);
  expect((await client.call('people.add', 'bob')).args).toMatchObject({ code: 17 });
  await client.result('people.set', 'system.language', { $long: '9007199254740995' });
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
      const next = await withServer(target, (client) => client.result('people.add', 'dan'));
      expect(next, 'a serial number is never used twice').toBeGreaterThan(3);
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
      /The server ended before it was ready: dispatcher: [^\n]+$/,
    );
    await expect(start).rejects.not.toThrow('VERYSECRET');
  });
});
