import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Errno } from '../../src/common/index.js';
import type { DocumentStore } from '../../src/datastore/index.js';
import type { Target } from './target.js';

/** Collections, unique keys, and what must happen as a whole or not at all. */
export function describeCollections(target: Target): void {
  describe('collections', () => {
    let store: DocumentStore;
    beforeAll(async () => {
      store = await target.open();
    });
    afterAll(() => store.close());

    it('are unknown until they are required', async () => {
      const unknown = { code: Errno.ENOENT, message: 'Collection nope not found' };
      await expect(store.query('nope')).rejects.toMatchObject(unknown);
      await expect(store.insert('nope', {})).rejects.toMatchObject(unknown);
      await expect(store.getById('nope', 1)).rejects.toMatchObject(unknown);
      expect(await store.dropCollection('nope')).toBe(false);
    });

    it.each(['', 'Users', '1st', 'a b', 'a;drop', '__proto__', 'x'.repeat(64)])(
      'are not called %j',
      (name) => {
        expect(() => store.requireCollection(name)).toThrow('is not valid');
      },
    );

    it('keep their definition, and without options leave it alone', async () => {
      const attributes = { owner: 'tests', since: new Date(5) };
      await store.requireCollection('defined', {
        key: 'serial',
        unique: ['a', ['b', 'c.d']],
        indexes: ['e'],
        attributes,
      });
      await store.requireCollection('defined');
      expect((await store.listCollections()).find(({ name }) => name === 'defined')).toEqual({
        name: 'defined',
        key: 'serial',
        unique: [['a'], ['b', 'c.d']],
        indexes: [['e']],
        timestamps: 'kept',
        attributes,
        migrations: [],
      });
    });

    it('refuse another key policy and indexes that no store can keep', async () => {
      await store.requireCollection('policy', { key: 'serial' });
      await expect(store.requireCollection('policy', { key: 'uuid' })).rejects.toMatchObject({
        code: Errno.EINVAL,
      });
      for (const field of ['a.0', 'a b', '$x', 'id', '', 'a..b']) {
        await expect(store.requireCollection('policy', { indexes: [field] })).rejects.toThrow(
          'cannot be indexed',
        );
      }
    });

    it('lose their rows when they are dropped', async () => {
      await store.requireCollection('gone', { unique: ['a'] });
      await store.insert('gone', { a: 1 });
      expect(await store.dropCollection('gone')).toBe(true);
      await expect(store.query('gone')).rejects.toMatchObject({ code: Errno.ENOENT });
      await store.requireCollection('gone');
      expect(await store.count('gone')).toBe(0);
    });

    it('take the same definition from many callers at once', async () => {
      await Promise.all(
        Array.from({ length: 10 }, () => store.requireCollection('race', { unique: ['a'] })),
      );
      expect(await store.count('race')).toBe(0);
    });
  });

  describe('unique keys', () => {
    let store: DocumentStore;
    beforeAll(async () => {
      store = await target.open();
      await store.requireCollection('people', {
        key: 'given',
        unique: ['name', ['realm', 'home.uid']],
      });
    });
    afterAll(() => store.close());

    it('refuse a second row by insert, update, replace and upsert, naming the fields', async () => {
      await store.insertMany('people', [
        { id: 1, name: 'ann' },
        { id: 2, name: 'bob' },
      ]);
      const duplicate = { code: Errno.EEXIST, extra: { collection: 'people', fields: ['name'] } };
      await expect(store.insert('people', { id: 3, name: 'ann' })).rejects.toMatchObject(duplicate);
      await expect(store.update('people', 2, { name: 'ann' })).rejects.toMatchObject(duplicate);
      await expect(store.replace('people', 2, { name: 'ann' })).rejects.toMatchObject(duplicate);
      await expect(store.upsert('people', 3, { name: 'ann' })).rejects.toMatchObject(duplicate);
      await expect(store.claim('people', [['id', '=', 2]], { name: 'ann' })).rejects.toMatchObject(
        duplicate,
      );
      expect(await store.query('people', null, { select: ['id', 'name'] })).toEqual([
        [1, 'ann'],
        [2, 'bob'],
      ]);
    });

    it('refuse an id that is taken', async () => {
      await expect(store.insert('people', { id: 1 })).rejects.toMatchObject({
        code: Errno.EEXIST,
        extra: { collection: 'people', fields: ['id'] },
      });
    });

    it('span several fields and leave rows free that lack one of them', async () => {
      await store.insertMany('people', [
        { id: 10, realm: 'x', home: { uid: 1 } },
        { id: 11, realm: 'x', home: { uid: 2 } },
        { id: 12, realm: 'x' },
        { id: 13, realm: 'x', home: { uid: null } },
        { id: 14, name: null },
        { id: 15, name: null },
      ]);
      await expect(
        store.insert('people', { id: 16, realm: 'x', home: { uid: 2n } }),
      ).rejects.toMatchObject({
        code: Errno.EEXIST,
        extra: { fields: ['realm', 'home.uid'] },
      });
      await store.insert('people', { id: 16, realm: 'x', home: { uid: '2' } });
      await store.insertMany('people', [
        { id: 20, name: 'Ann' },
        { id: 21, name: 'a\u0301' },
        { id: 22, name: 'á' },
        { id: 23, name: true },
      ]);
    });

    it('hold scalars only', async () => {
      for (const name of [['a'], { a: 1 }, Buffer.from('a')]) {
        await expect(store.insert('people', { id: 30, name })).rejects.toMatchObject({
          code: Errno.EINVAL,
        });
        await expect(store.update('people', 1, { name })).rejects.toMatchObject({
          code: Errno.EINVAL,
        });
      }
      await expect(store.insert('people', { id: 30, home: [{ uid: 5 }] })).rejects.toThrow(
        'home.uid',
      );
    });

    it('let one of many concurrent writers win', async () => {
      const attempts = Array.from({ length: 20 }, (_, n) =>
        store.insert('people', { id: 100 + n, name: 'race' }),
      );
      const outcomes = await Promise.allSettled(attempts);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await store.count('people', [['name', '=', 'race']])).toBe(1);
    });

    it('can be added and taken away; rows that break a new one keep it out', async () => {
      await store.requireCollection('later', { key: 'given', unique: ['a'] });
      await store.requireCollection('later', { key: 'given' });
      await store.insertMany('later', [
        { id: 1, a: 1 },
        { id: 2, a: 1 },
      ]);
      await expect(
        store.requireCollection('later', { key: 'given', unique: ['a'] }),
      ).rejects.toMatchObject({ code: Errno.EEXIST });
      await store.delete('later', 2);
      await store.requireCollection('later', { key: 'given', unique: ['a'] });
      await expect(store.insert('later', { id: 3, a: 1 })).rejects.toMatchObject({
        code: Errno.EEXIST,
      });
    });
  });

  describe('atomic writes', () => {
    let store: DocumentStore;
    beforeAll(async () => {
      store = await target.open();
      await store.requireCollection('jobs', {
        key: 'serial',
        unique: ['name'],
        indexes: ['state'],
      });
    });
    afterAll(() => store.close());

    it('store all of a batch, over several collections, in order', async () => {
      await store.requireCollection('audit', { key: 'given', timestamps: 'none' });
      const results = await store.batch([
        { kind: 'upsert', collection: 'audit', id: 'a', document: { n: 1 } },
        { kind: 'update', collection: 'audit', id: 'a', patch: { m: 2 } },
        { kind: 'insert', collection: 'audit', document: { id: 'b' } },
        { kind: 'delete', collection: 'audit', id: 'a' },
        { kind: 'delete', collection: 'audit', id: 'a' },
      ]);
      expect(results).toEqual([{ id: 'a', n: 1 }, { id: 'a', n: 1, m: 2 }, 'b', true, false]);
      expect(await store.batch([])).toEqual([]);
    });

    it('store nothing of a batch when one step is refused', async () => {
      await store.insert('jobs', { name: 'taken' });
      const before = await store.query('jobs');
      await expect(
        store.insertMany('jobs', [{ name: 'x' }, { name: 'taken' }, { name: 'y' }]),
      ).rejects.toMatchObject({ code: Errno.EEXIST });
      await expect(
        store.batch([
          { kind: 'insert', collection: 'jobs', document: { name: 'z' } },
          { kind: 'update', collection: 'jobs', id: 999_999, patch: {} },
        ]),
      ).rejects.toMatchObject({ code: Errno.ENOENT });
      await expect(
        store.insertMany('jobs', [{ name: 'x' }, { name: Number.NaN }]),
      ).rejects.toMatchObject({ code: Errno.EINVAL });
      expect(await store.query('jobs')).toEqual(before);
    });

    it('do untold upserts in order, and none of them when one is refused', async () => {
      const collection = 'seats';
      await store.requireCollection(collection, {
        key: 'given',
        timestamps: 'none',
        unique: ['name'],
      });
      const seat = (id: number, name: string) =>
        ({ kind: 'upsert', collection, id, document: { name } }) as const;
      await store.write([seat(1, 'ann'), seat(2, 'bob'), seat(1, 'eve'), seat(3, 'ann')]);
      const seats = [
        { id: 1, name: 'eve' },
        { id: 2, name: 'bob' },
        { id: 3, name: 'ann' },
      ];
      expect(await store.query(collection)).toEqual(seats);
      const refused = store.write([seat(4, 'joe'), seat(2, 'jim'), seat(5, 'eve')]);
      await expect(refused).rejects.toMatchObject({ code: Errno.EEXIST });
      expect(await store.query(collection)).toEqual(seats);
    });

    it('give each row to one claimer', async () => {
      await store.deleteMany('jobs', null);
      await store.insertMany(
        'jobs',
        Array.from({ length: 12 }, (_, n) => ({ name: `job${n}`, state: 'free', n: 12 - n })),
      );
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, by) =>
          store.claim<{ id: number }>(
            'jobs',
            [['state', '=', 'free']],
            { state: 'taken', by },
            { sort: 'n' },
          ),
        ),
      );
      const taken = claims.filter((claim) => claim !== null).map(({ id }) => id);
      expect(new Set(taken).size).toBe(12);
      expect(claims.filter((claim) => claim === null)).toHaveLength(8);
      expect(await store.claim('jobs', [['state', '=', 'free']], {})).toBeNull();
    });

    it('claim by what only the predicate can decide, in the order of the sort', async () => {
      await store.deleteMany('jobs', null);
      await store.insertMany('jobs', [
        { name: 'a1', v: [1] },
        { name: 'b2', v: [2] },
        { name: 'a3', v: [3] },
      ]);
      const filter = [
        ['name', '~', '^a'],
        ['done', '=', null],
      ] as const;
      const names = [];
      for (let i = 0; i < 3; i += 1) {
        const row = await store.claim<{ name: string }>(
          'jobs',
          filter,
          { done: true },
          { sort: '-name' },
        );
        names.push(row?.name ?? null);
      }
      expect(names).toEqual(['a3', 'a1', null]);
    });

    it('count without losing a step', async () => {
      const values = await Promise.all(
        Array.from({ length: 25 }, () => store.increment('tickets')),
      );
      expect(values.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
      expect(await store.increment('tickets', 10)).toBe(35);
      expect(await store.increment('other', -1)).toBe(-1);
      expect((await store.listCounters()).get('tickets')).toBe(35);
    });
  });

  describe('a store that is closed and opened again', () => {
    it('has its collections, rows, keys, counters and numbers as they were', async () => {
      const first = await target.open();
      await first.requireCollection('lasting', { key: 'serial', unique: ['a'] });
      const id = Number(await first.insert('lasting', { a: 1 }));
      await first.delete('lasting', Number(await first.insert('lasting', { a: 2 })));
      const row = await first.getById('lasting', id);
      const counter = await first.increment('lasting');
      await first.close();

      const second = await target.open();
      expect(await second.getById('lasting', id)).toEqual(row);
      expect(await second.increment('lasting')).toBe(counter + 1);
      await expect(second.insert('lasting', { a: 1 })).rejects.toMatchObject({
        code: Errno.EEXIST,
      });
      expect(Number(await second.insert('lasting', { a: 2 }))).toBeGreaterThan(id + 1);
      await second.close();
      await expect(second.getById('lasting', id)).rejects.toMatchObject({ code: Errno.EIO });
    });
  });
}
