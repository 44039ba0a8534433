import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Filter, queryArray, type QueryParams } from '../../src/common/query/index.js';
import type { DocumentStore } from '../../src/datastore/index.js';
import type { StoredRow } from '../../src/sdk/index.js';
import type { Target } from './target.js';

const ANSWER_BYTES = 256 * 1_024;
/** Some five megabytes, more than a page of a stream, a small row behind each large one. */
const SIZES = [1, 4_000, 4_090, 4_096, 4_200, 100_000, 300_000, 1_200_000];

/** Rows that are large are found like any other, and no more of them is held than may be answered. */
export function describeLargeRows(target: Target): void {
  describe('large rows', () => {
    let store: DocumentStore;
    let rows: readonly StoredRow[];

    beforeAll(async () => {
      store = await target.open({ limits: { answerBytes: ANSWER_BYTES } });
      await store.requireCollection('large', {
        key: 'serial',
        indexes: ['order'],
        timestamps: 'none',
      });
      const documents = Array.from({ length: 3 }, () => SIZES)
        .flat()
        .flatMap((size, n) => [
          { n, order: -n, size, text: String.fromCodePoint(97 + (n % 26)).repeat(size) },
          { n: n + 0.5, order: n, size: 0, text: 'é' },
        ]);
      for (const document of documents) await store.insert('large', document);
      const streamed: StoredRow[] = [];
      for await (const row of store.queryStream('large')) streamed.push(row);
      rows = streamed;
    });
    afterAll(() => store.close());

    it('come as a stream, whatever their number of bytes, in order', async () => {
      expect(rows.map(({ n }) => n)).toEqual(
        Array.from({ length: 6 * SIZES.length }, (_, index) => index / 2),
      );
      const ways: [Filter, QueryParams][] = [
        [[['size', '>', 4_095]], {}], // not for SQL alone: the field may be of any kind
        [[['text', 'contains', 'e']], { select: 'id' }],
        [null, { sort: '-order' }],
        [[['n', '!=', 3]], { sort: 'order', offset: 5, limit: 30 }],
      ];
      for (const [filter, params] of ways) {
        const found = [];
        for await (const row of store.queryStream('large', filter, params)) found.push(row);
        expect([params, found]).toEqual([params, queryArray(rows, filter, params)]);
      }
    });

    it.each<[Filter, QueryParams]>([
      [[['size', '<', 5_000]], {}],
      [[['n', '<', 7]], { limit: 8, sort: 'order' }],
      [[['size', '<=', 100_000]], { limit: 9, offset: 20, sort: '-order' }],
      [[['text', 'contains', 'b']], { sort: ['size', '-n'], select: 'n' }],
      [[['n', 'in', [6, 6.5]]], { select: ['n', 'size'] }],
    ])('that fit are answered: %j %j', async (filter, params) => {
      expect(await store.query('large', filter, params)).toEqual(queryArray(rows, filter, params));
    });

    it.each<[Filter, QueryParams]>([
      [null, {}],
      [null, { select: 'n' }],
      [null, { sort: '-order', exclude: 'text' }],
      [[['size', '>=', 1_000_000]], { reverse: true }],
      [[['order', '<=', 0]], { sort: 'order', limit: 20 }],
    ])(
      'are refused when more would be held than four answers have: %j %j',
      async (filter, params) => {
        await expect(store.query('large', filter, params)).rejects.toThrow(
          `The rows that the query reads have more than ${4 * ANSWER_BYTES} bytes: narrow the filter, pass a limit or use a stream`,
        );
        expect(await store.count('large', filter)).toBeGreaterThan(2);
      },
    );

    it('are claimed and deleted like others', async () => {
      const [filter, size]: [Filter, number] = [[['size', '=', 1_200_000]], 1_200_000];
      const claimed = await store.claim('large', filter, { size: 7 }, { sort: 'order' });
      expect(claimed).toMatchObject({ size: 7, text: 'x'.repeat(size) });
      expect(await store.deleteMany('large', [['text', 'contains', 'hh']])).toBe(1);
      expect(await store.count('large')).toBe(rows.length - 1);
    });
  });
}
