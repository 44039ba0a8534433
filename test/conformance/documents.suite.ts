import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Errno, Password } from '../../src/common/index.js';
import type { DocumentStore } from '../../src/datastore/index.js';
import type { Target } from './target.js';

const start = Date.UTC(2024, 4, 1);

/** What is stored, and what each way of writing does to a row. */
export function describeDocuments(target: Target): void {
  describe('documents', () => {
    let store: DocumentStore;
    let now = start;

    beforeAll(async () => {
      store = await target.open({ clock: () => new Date(now) });
      await store.requireCollection('docs', { key: 'given' });
      await store.requireCollection('bare', { key: 'uuid', timestamps: 'none' });
      await store.requireCollection('numbered', { key: 'serial' });
    });
    beforeEach(async () => {
      now = start;
      for (const name of ['docs', 'bare', 'numbered']) await store.deleteMany(name, null);
    });
    afterAll(() => store.close());

    it('come out as they went in', async () => {
      const document = {
        id: 'all',
        text: 'a\0b \u{1F600} \uE000 "quoted" \\ \u2028',
        numbers: [0, -1, 1.5, 0.1 + 0.2, 2 ** 53, 2 ** 63, 1e308, 5e-324, -1.7976931348623157e308],
        longs: [9007199254740993n, -(2n ** 63n), 2n ** 63n - 1n, 5n],
        dates: [new Date(0), new Date(-1), new Date(start), new Date(8.64e15), new Date(-8.64e15)],
        bytes: Buffer.from([0, 255, 128]),
        nothing: null,
        flags: [true, false],
        empty: { object: {}, array: [] },
        keys: { 'a.b': 1, $set: 2, '': 3, _id: 4, id: 5, '%2E': 6, "it's": 7, 'a"b': 8, 'a\\b': 9 },
        tags: { $date: 'x', $long: 1, $binary: null, $double: [1, 2], $oid: 'y', $$date: 3 },
      };
      await store.insert('docs', document);
      const row = await store.query('docs', null, { exclude: ['created_at', 'updated_at'] });
      expect(row).toEqual([document]);
    });

    it('hold keys of the prototype as plain data', async () => {
      const document = JSON.parse(
        '{"id":"p","__proto__":{"x":1},"constructor":{"prototype":2}}',
      ) as object;
      await store.insert('docs', document as Record<string, unknown>);
      const row = await store.getById('docs', 'p');
      expect(Object.getOwnPropertyDescriptor(row, '__proto__')?.value).toEqual({ x: 1 });
      expect(row).toHaveProperty('constructor', { prototype: 2 });
      expect(({} as { x?: number }).x).toBeUndefined();
    });

    it.each<[string, unknown]>([
      ['NaN', Number.NaN],
      ['infinity', Number.POSITIVE_INFINITY],
      ['an integer past 64 bits', 2n ** 63n],
      ['an invalid date', new Date(Number.NaN)],
      ['half a surrogate pair', 'a\uD800'],
      ['a function', () => 1],
      ['a password', new Password('secret')],
      ['a key with NUL', { 'a\0': 1 }],
      ['nesting without end', Array.from({ length: 200 }).reduce<unknown>((inner) => [inner], 1)],
    ])('refuse %s with the place, and store nothing', async (_, value) => {
      const attempt = store.insert('docs', { id: 'bad', deep: { down: value } });
      await expect(attempt).rejects.toMatchObject({ code: Errno.EINVAL });
      await expect(attempt).rejects.toThrow(/Collection docs: .*deep\.down/);
      expect(await store.getById('docs', 'bad')).toBeNull();
    });

    it('refuse a row that is too big with EOVERFLOW, and take one that is not', async () => {
      const attempt = store.insert('docs', { id: 'big', text: 'x'.repeat(17 * 2 ** 20) });
      await expect(attempt).rejects.toMatchObject({ code: Errno.EOVERFLOW });
      await store.insert('docs', { id: 'big', text: 'x'.repeat(8 * 2 ** 20) });
      expect(await store.getById<{ text: string }>('docs', 'big')).toMatchObject({ id: 'big' });
    });

    it('get a fresh id, keep one that is given', async () => {
      const id = await store.insert('bare', { a: 1 });
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
      expect(await store.insert('bare', { id: 'own', a: 1 })).toBe('own');
      expect(await store.getById('bare', 'own')).toEqual({ id: 'own', a: 1 });
    });

    it('are numbered in serial collections, no number twice', async () => {
      const first = Number(await store.insert('numbered', { n: 0 }));
      expect(await store.insert('numbered', { n: 1 })).toBe(first + 1);
      await store.delete('numbered', first + 1);
      expect(Number(await store.insert('numbered', { n: 2 }))).toBeGreaterThan(first + 1);
      expect(await store.insert('numbered', { id: first + 100, n: 3 })).toBe(first + 100);
      expect(Number(await store.insert('numbered', { n: 4 }))).toBeGreaterThan(first + 100);
      const ids = await Promise.all(
        Array.from({ length: 30 }, (_, n) => store.insert('numbered', { n })),
      );
      expect(new Set(ids).size).toBe(30);
    });

    it.each<[string, string, unknown]>([
      ['docs', 'none where ids are given', undefined],
      ['docs', 'an empty one', ''],
      ['docs', 'an object', {}],
      ['docs', 'a fraction', 1.5],
      ['numbered', 'text where ids are numbers', '5'],
      ['numbered', 'a number below one', 0],
    ])('in %s refuse the id: %s', async (collection, _, id) => {
      await expect(store.insert(collection, { id, a: 1 })).rejects.toMatchObject({
        code: Errno.EINVAL,
      });
    });

    it('tell ids of different types apart', async () => {
      await store.insertMany('docs', [{ id: 1 }, { id: '1' }, { id: 'a' }, { id: 'A' }]);
      expect(await store.getById('docs', 1)).toHaveProperty('id', 1);
      expect(await store.getById('docs', '1')).toHaveProperty('id', '1');
      expect(await store.query('docs', null, { select: 'id' })).toEqual([1, '1', 'A', 'a']);
      expect(await store.query('docs', [['id', 'in', ['1', 'A']]], { select: 'id' })).toEqual([
        '1',
        'A',
      ]);
      const number = await store.insert('numbered', {});
      expect(await store.query('numbered', [['id', '=', String(number)]])).toEqual([]);
      expect(await store.getById('numbered', String(number))).toBeNull();
    });

    it('keep created_at and move updated_at', async () => {
      await store.insert('docs', { id: 'x', v: 1 });
      now += 1_000;
      await store.update('docs', 'x', { v: 2 });
      now += 1_000;
      const row = await store.replace('docs', 'x', { w: 3 });
      expect(row).toEqual({
        id: 'x',
        w: 3,
        created_at: new Date(start),
        updated_at: new Date(start + 2_000),
      });
      expect(await store.getById('docs', 'x')).toEqual(row);
      now += 1_000;
      expect(await store.upsert('docs', 'x', { z: 1 })).toMatchObject({
        created_at: new Date(start),
      });
      expect(await store.upsert('docs', 'new', { z: 1 })).toMatchObject({
        created_at: new Date(now),
      });
      const old = new Date(5);
      expect(await store.replace('docs', 'x', { created_at: old })).toMatchObject({
        created_at: old,
      });
    });

    it('are patched at the top level, other fields stay', async () => {
      await store.insert('bare', { id: 'x', a: { b: 1, c: 2 }, d: 1, 'e.f': 1, $g: 1 });
      expect(await store.update('bare', 'x', { a: { b: 5 }, 'e.f': 2, $g: 2, n: null })).toEqual({
        id: 'x',
        a: { b: 5 },
        d: 1,
        'e.f': 2,
        $g: 2,
        n: null,
      });
      expect(await store.update('bare', 'x', { d: undefined })).toHaveProperty('d', 1);
      expect(await store.update('bare', 'x', {})).toHaveProperty('d', 1);
    });

    it('are missed with ENOENT by update and replace, silently by delete', async () => {
      await expect(store.update('bare', 'no', { a: 1 })).rejects.toMatchObject({
        code: Errno.ENOENT,
      });
      await expect(store.replace('bare', 'no', { a: 1 })).rejects.toThrow(
        'Collection bare: no row with id no',
      );
      expect(await store.delete('bare', 'no')).toBe(false);
      expect(await store.getById('bare', 'no')).toBeNull();
      expect(await store.count('bare')).toBe(0);
    });

    it('never change their id', async () => {
      await store.insert('bare', { id: 'x' });
      await expect(store.update('bare', 'x', { id: 'y' })).rejects.toMatchObject({
        code: Errno.EINVAL,
      });
      await expect(store.replace('bare', 'x', { id: 'y' })).rejects.toMatchObject({
        code: Errno.EINVAL,
      });
      expect(await store.update('bare', 'x', { id: 'x', a: 1 })).toEqual({ id: 'x', a: 1 });
    });

    it.each(['docs', 'bare'])(
      'in %s are the same rows when nobody asks for the outcome',
      async (name) => {
        const collection = { collection: name };
        await store.insert(name, { id: 'gone', z: 1 });
        await store.write([
          { ...collection, kind: 'insert', document: { id: 'x', z: 1, when: new Date(1) } },
          { ...collection, kind: 'upsert', id: 'y', document: { z: 1 } },
          { ...collection, kind: 'upsert', id: 'x', document: { id: 'x', a: [new Date(2)] } },
          { ...collection, kind: 'delete', id: 'gone' },
        ]);
        const rows = await store.query(name, null, {
          sort: 'id',
          exclude: ['created_at', 'updated_at'],
        });
        expect(rows).toEqual([
          { id: 'x', a: [new Date(2)] },
          { id: 'y', z: 1 },
        ]);
        const again = { ...collection, kind: 'insert', document: { id: 'y' } } as const;
        const other = { ...collection, kind: 'upsert', id: 'z', document: {} } as const;
        await expect(store.write([other, again])).rejects.toMatchObject({ code: Errno.EEXIST });
        expect(await store.getById(name, 'z')).toBeNull();
        const fresh = { ...collection, kind: 'insert', document: { id: 'z' } } as const;
        await expect(store.write([fresh, again])).rejects.toMatchObject({ code: Errno.EEXIST });
        expect(await store.getById(name, 'z')).toBeNull();
      },
    );

    it('are deleted once', async () => {
      await store.insert('bare', { id: 'x' });
      const outcomes = await Promise.all([store.delete('bare', 'x'), store.delete('bare', 'x')]);
      expect(outcomes.toSorted()).toEqual([false, true]);
    });
  });
}
