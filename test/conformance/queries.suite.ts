import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Filter, queryArray, type QueryParams } from '../../src/common/query/index.js';
import type { DocumentStore } from '../../src/datastore/index.js';
import { filter, params, row } from './arbitraries.js';
import type { Target } from './target.js';

const RUNS = Number(process.env['CONFORMANCE_RUNS'] ?? 60);

const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const nested = (depth: number): unknown =>
  depth === 1 ? ['a', '>', 1] : [depth % 2 === 0 ? 'and' : 'or', [nested(depth - 1)]];

const PAST_LIMITS: readonly [string, unknown, QueryParams | null][] = [
  ['query-conditions', times(1_001, ['a', '=', 1]), null],
  ['query-values', [['a', 'in', times(10_001, 1)]], null],
  ['query-patterns', times(65, ['a', '~', 'a']), null],
  ['query-pattern-characters', [['a', 'match', 'a'.repeat(4_097)]], null],
  ['query-sort-fields', null, { sort: times(17, 'a') }],
  ['query-select-fields', null, { select: times(257, 'a') }],
  ['query-select-fields', null, { exclude: times(257, 'a') }],
  ['filter-depth', [nested(33)], null],
];

/** Everything a query can ask gives what queryArray gives over the same rows. */
export function describeQueries(target: Target): void {
  describe('queries', () => {
    let store: DocumentStore;

    beforeAll(async () => {
      store = await target.open({ limits: { rows: 200 } });
      await store.requireCollection('random', {
        key: 'serial',
        indexes: ['k', ['k', 'id2']],
        timestamps: 'none',
      });
    });
    afterAll(() => store.close());

    it('give the rows that the evaluator gives, whatever the rows, filter and params', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(row, { minLength: 1, maxLength: 25 }),
          fc.array(fc.tuple(filter, params), { minLength: 1, maxLength: 15 }),
          async (rows, queries) => {
            await store.deleteMany('random', null);
            await store.insertMany('random', rows);
            const stored = await store.query('random');
            for (const [wanted, options] of queries) {
              const expected = queryArray(stored, wanted, options);
              expect(await store.query('random', wanted, options)).toEqual(expected);
              const plain = { ...options, count: false, single: false };
              const streamed = [];
              for await (const item of store.queryStream('random', wanted, plain))
                streamed.push(item);
              expect(streamed).toEqual(queryArray(stored, wanted, plain));
              expect(await store.count('random', wanted)).toBe(
                queryArray(stored, wanted, { count: true }),
              );
            }
          },
        ),
        { numRuns: RUNS, seed: Number(process.env['CONFORMANCE_SEED'] ?? 20240501) },
      );
    }, 600_000);

    it('mean the same for every operator, kind of value and kind of field', async () => {
      const scalars = [
        null,
        true,
        false,
        0,
        1,
        -1,
        1.5,
        0.1 + 0.2,
        2 ** 60,
        1n,
        2n ** 53n + 1n,
        '',
        'a',
        'ab',
        'B',
        'é',
        '\uE000',
        '\u{1F600}',
        '1',
        new Date(0),
        new Date(-1),
      ];
      const others = [
        [],
        ['a'],
        [1, null],
        [[1]],
        {},
        { p: 1 },
        [{ p: 1 }],
        Buffer.from('a'),
        Buffer.alloc(0),
      ];
      const rows = [
        {},
        ...scalars.map((k) => ({ k, a: k, o: { p: k } })),
        ...others.map((a) => ({ a, o: { p: a } })),
        ...others.map((o) => ({ o })),
      ];
      await store.deleteMany('random', null);
      await store.insertMany('random', rows);
      const stored = await store.query('random');
      for (const operator of ['=', '!=', '<', '>', '<=', '>=', 'contains', 'ncontains'] as const) {
        for (const operand of [...scalars, ...others]) {
          for (const name of ['k', 'a', 'o.p']) {
            const plain = [[name, operator, operand]] as const;
            for (const wanted of [plain, [['nor', plain]] as const]) {
              const found = await store.query('random', wanted, { select: 'id' });
              expect([wanted, found]).toEqual([
                wanted,
                queryArray(stored, wanted, { select: 'id' }),
              ]);
            }
          }
        }
      }
      for (const sort of ['k', '-k', 'a', '-a', ['o.p', '-a']]) {
        const found = await store.query('random', null, { sort, select: 'id' });
        expect([sort, found]).toEqual([sort, queryArray(stored, null, { sort, select: 'id' })]);
      }
    }, 600_000);

    it('return stored rows as they were inserted', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
          await store.deleteMany('random', null);
          const ids = await store.insertMany('random', rows);
          const stored = await store.query('random');
          expect(stored).toEqual(rows.map((fields, index) => ({ ...fields, id: ids[index] })));
        }),
        { numRuns: RUNS, seed: 7 },
      );
    }, 600_000);

    it('delete exactly what they find', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(row, { maxLength: 15 }), filter, async (rows, wanted) => {
          await store.deleteMany('random', null);
          await store.insertMany('random', rows);
          const stored = await store.query('random');
          const doomed = queryArray(stored, wanted, { select: 'id' }) as unknown[];
          expect(await store.deleteMany('random', wanted)).toBe(doomed.length);
          const left = await store.query('random', null, { select: 'id' });
          expect(left).toEqual(stored.map(({ id }) => id).filter((id) => !doomed.includes(id)));
        }),
        { numRuns: RUNS, seed: 11 },
      );
    }, 600_000);

    it('fail with EOVERFLOW past the limit of rows, but stream them', async () => {
      await store.requireCollection('many', { key: 'serial', timestamps: 'none' });
      await store.insertMany(
        'many',
        Array.from({ length: 2_500 }, (_, n) => ({ n, half: n % 2 })),
      );
      await expect(store.query('many')).rejects.toThrow('more than 200 rows');
      expect(await store.query('many', null, { limit: 200 })).toHaveLength(200);
      expect(await store.count('many')).toBe(2_500);
      const seen = [];
      for await (const { n } of store.queryStream('many', [['half', '=', 1]], { sort: '-n' }))
        seen.push(n);
      expect(seen).toEqual(Array.from({ length: 1_250 }, (_, index) => 2_499 - 2 * index));
    });

    it.each(PAST_LIMITS)(
      'past the limit %s are refused as everywhere',
      async (name, filter, params) => {
        const refusal = { code: 22, message: expect.stringContaining(`limit ${name}`) as string };
        const wanted = filter as Filter;
        await expect(store.query('random', wanted, params)).rejects.toMatchObject(refusal);
        const stream = store.queryStream('random', wanted, params);
        await expect(stream.next()).rejects.toMatchObject(refusal);
        if (params !== null) return;
        await expect(store.count('random', wanted)).rejects.toMatchObject(refusal);
        await expect(store.deleteMany('random', wanted)).rejects.toMatchObject(refusal);
        await expect(store.claim('random', wanted, {})).rejects.toMatchObject(refusal);
      },
    );

    it('at all limits at once give what the evaluator gives', async () => {
      await store.deleteMany('random', null);
      await store.insertMany('random', [
        { a: 1, b: 'x', k: 1 },
        { a: 2, b: 'y', k: 2 },
        { a: 3, b: 'z'.repeat(64), k: 3 },
      ]);
      const stored = await store.query('random');
      const wide = [
        ['or', [...times(934, ['a', '=', 2]), ...times(64, ['b', '~', 'z'.repeat(64)])]],
        ['b', 'nin', Array.from({ length: 10_000 }, (_, n) => `no-${n}`)],
      ] as unknown as Filter;
      const deep = [nested(32)] as unknown as Filter;
      const params = {
        sort: Array.from({ length: 16 }, (_, n) => (n < 15 ? `deep.f${n}` : '-a')),
        exclude: times(256, 'k'),
        select: times(256, 'a'),
      };
      for (const wanted of [wide, deep]) {
        const expected = queryArray(stored, wanted, params) as unknown[];
        expect(expected.length).toBeGreaterThan(0);
        expect(await store.query('random', wanted, params)).toEqual(expected);
        expect(await store.count('random', wanted)).toBe(expected.length);
      }
    });

    it('stop reading when the consumer stops or its signal fires', async () => {
      const stream = store.queryStream(
        'many',
        [
          ['n', '~', 'x'],
          ['half', '=', 0],
        ].slice(1) as never,
        { sort: 'n' },
      );
      for await (const { n } of stream) if (n === 4) break;
      const controller = new AbortController();
      const seen: unknown[] = [];
      const reading = (async () => {
        for await (const { n } of store.queryStream('many', null, null, {
          signal: controller.signal,
        })) {
          seen.push(n);
          if (seen.length === 3) controller.abort();
        }
      })();
      await expect(reading).rejects.toThrow('abort');
      expect(seen).toEqual([0, 1, 2]);
    });
  });
}
