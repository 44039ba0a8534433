import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Errno, Password } from '../../src/common/index.js';
import { DATASTORE_DRIVERS } from '../../src/server/datastore-drivers.js';
import {
  DocumentStore,
  type DocumentStoreOptions,
  dump,
  loadMigrations,
  migrate,
  openDatastore,
  restore,
  SecretBox,
} from '../../src/datastore/index.js';
import { mongodbTarget } from '../conformance/mongodb-target.js';

let folder: string;
let stores: DocumentStore[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tools-'));
  stores = [];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const secrets = SecretBox.ephemeral();

async function open(name: string, options: DocumentStoreOptions = {}): Promise<DocumentStore> {
  const store = await openDatastore(
    { driver: 'sqlite', dsn: join(folder, name) },
    { drivers: DATASTORE_DRIVERS, ...options },
  );
  stores.push(store);
  return store;
}

async function dumpTo(store: DocumentStore, name: string): Promise<string> {
  const file = join(folder, name);
  const output = createWriteStream(file);
  await dump(store, output);
  output.end();
  await finished(output);
  return file;
}

async function fill(store: DocumentStore): Promise<void> {
  await store.requireCollection('users', {
    unique: ['name'],
    indexes: ['uid'],
    attributes: { $by: 'a.b' },
  });
  await store.requireCollection('tasks', { key: 'serial' });
  await store.requireCollection('empty', { key: 'given' });
  await store.insertMany('users', [
    {
      name: 'ann',
      uid: 1,
      at: new Date(5),
      key: Buffer.from('k'),
      big: 2n ** 60n,
      ratio: 0.1 + 0.2,
    },
    {
      name: 'bob',
      'a.b': { $date: 'plain text', $$x: 1, $set: { '': null } },
      list: [[], {}, -1e-300],
    },
  ]);
  await store.insertMany('tasks', [{ n: 1 }, { n: 2 }, { n: 3 }]);
  await store.delete('tasks', 3);
  await store.increment('tickets', 7);
}

async function contents(store: DocumentStore): Promise<unknown> {
  const collections = await store.listCollections();
  return Promise.all(
    collections.map(async (collection) => [
      collection,
      await store.query(collection.name),
      await store.lastSerial(collection),
      await store.listCounters(),
    ]),
  );
}

describe('a store that is dumped and restored', () => {
  it('is the same: rows, ids, timestamps, definitions, counters, numbers', async () => {
    const source = await open('a.db');
    await fill(source);
    const target = await open('b.db');
    expect(await restore(target, await dumpTo(source, 'dump'), { present: 'refuse' })).toBe(4);
    expect(await contents(target)).toEqual(await contents(source));
    expect(await target.insert('tasks', {})).toBe(4);
    await expect(target.insert('users', { name: 'ann' })).rejects.toMatchObject({
      code: Errno.EEXIST,
    });
  });

  it('has its passwords sealed in the dump, and opens them with its own key alone', async () => {
    const source = await open('a.db', { secrets });
    await source.requireCollection('logins', { key: 'given' });
    await source.insert('logins', { id: 'a', deep: [{ password: new Password('hunter2') }] });
    const tool = await open('a.db');
    const file = await dumpTo(tool, 'dump');
    expect(readFileSync(file, 'utf8')).toContain('"dispatcher:sealed":"');
    expect(readFileSync(file, 'utf8')).not.toContain('hunter2');
    await restore(await open('b.db'), file, { present: 'refuse' });
    interface Row {
      readonly deep: readonly { readonly password: Password }[];
    }
    const secretIn = async (store: DocumentStore): Promise<string | undefined> =>
      (await store.getById<Row>('logins', 'a'))?.deep[0]?.password.reveal();
    expect(await secretIn(await open('b.db', { secrets }))).toBe('hunter2');
    const another = await open('b.db', { secrets: SecretBox.ephemeral() });
    await expect(secretIn(another)).rejects.toMatchObject({ code: Errno.EIO });
  });

  const mongodb = mongodbTarget();
  it.skipIf(mongodb.kind === 'missing')(
    'is the same after a way through MongoDB and back',
    async () => {
      if (mongodb.kind === 'missing') return;
      const source = await open('a.db');
      await fill(source);
      const first = await dumpTo(source, 'first');
      const between = await mongodb.target.open();
      try {
        await restore(between, first, { present: 'refuse' });
        const second = await dumpTo(between, 'second');
        expect(readFileSync(second, 'utf8')).toBe(readFileSync(first, 'utf8'));
        const back = await open('b.db');
        await restore(back, second, { present: 'refuse' });
        expect(await contents(back)).toEqual(await contents(source));
      } finally {
        await between.close();
        await mongodb.target.dispose();
      }
    },
  );

  it('is not written over unless that is allowed', async () => {
    const source = await open('a.db');
    await fill(source);
    const file = await dumpTo(source, 'dump');
    await source.insert('users', { name: 'new' });
    await expect(restore(source, file, { present: 'refuse' })).rejects.toMatchObject({
      code: Errno.EEXIST,
    });
    expect(await source.count('users')).toBe(3);
    await restore(source, file, { present: 'replace' });
    expect(await source.count('users')).toBe(2);
  });

  it.each<[string, (text: string) => string]>([
    ['cut off', (text) => text.slice(0, -30)],
    ['short of a row', (text) => text.replace(/\{"row".*\n/, '')],
    ['damaged', (text) => text.replace('{"row"', '{"row')],
    ['of another format', (text) => text.replace('"version":1', '"version":2')],
    ['empty', () => ''],
  ])('stays untouched when the dump is %s', async (_, spoil) => {
    const source = await open('a.db');
    await fill(source);
    const file = await dumpTo(source, 'dump');
    writeFileSync(file, spoil(readFileSync(file, 'utf8')));
    const target = await open('b.db');
    await expect(restore(target, file, { present: 'replace' })).rejects.toMatchObject({
      code: Errno.EBADMSG,
    });
    expect(await target.listCollections()).toEqual([]);
  });
});

describe('migrations', () => {
  function write(name: string, body: string): void {
    mkdirSync(join(folder, 'migrations', 'users'), { recursive: true });
    writeFileSync(join(folder, 'migrations', 'users', name), `export default ${body};`);
  }
  async function run(store: DocumentStore): Promise<unknown[]> {
    const reports = [];
    for await (const report of migrate(store, await loadMigrations(join(folder, 'migrations')))) {
      reports.push([report.name, report.outcome, report.changed]);
    }
    return reports;
  }

  it('are applied in order, once, to the rows that need them', async () => {
    const store = await open('a.db');
    await fill(store);
    write('002-drop.mjs', "{ probe: (row) => row.name === 'BOB', apply: () => null }");
    write(
      '001-upper.mjs',
      '{ probe: (row) => row.name !== row.name.toUpperCase(), apply: (row) => ({ ...row, name: row.name.toUpperCase() }) }',
    );
    expect(await run(store)).toEqual([
      ['001-upper', 'applied', 2],
      ['002-drop', 'applied', 1],
    ]);
    expect(await store.query('users', null, { select: 'name' })).toEqual(['ANN']);
    expect(await run(store)).toEqual([
      ['001-upper', 'recorded before', 0],
      ['002-drop', 'recorded before', 0],
    ]);
    expect((await store.collection('users')).migrations).toEqual(['001-upper', '002-drop']);
  });

  it('that fail name the row, are not recorded, and go on where they stopped', async () => {
    const store = await open('a.db');
    await fill(store);
    const mend = (fails: string): string =>
      `{ probe: (row) => row.done !== true, apply: (row) => { if (row.name === '${fails}') throw new Error('cannot'); return { ...row, done: true }; } }`;
    write('001.mjs', mend('bob'));
    const id = await store.getOne<{ id: string }>('users', [['name', '=', 'bob']]);
    await expect(run(store)).rejects.toThrow(
      `Migration 001 of users failed at row ${id?.id ?? ''}: cannot`,
    );
    expect((await store.collection('users')).migrations).toEqual([]);
    const done = await store.count('users', [['done', '=', true]]);
    rmSync(join(folder, 'migrations', 'users', '001.mjs'));
    write('001-again.mjs', mend('nobody'));
    expect(await run(store)).toEqual([['001-again', 'applied', 2 - done]]);
  });
});
