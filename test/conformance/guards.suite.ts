import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Errno } from '../../src/common/index.js';
import type { DocumentStore } from '../../src/datastore/index.js';
import { StoreTakenException } from '../../src/datastore/index.js';
import type { Target } from './target.js';

const ROWS = 'guarded';
const never = (): void => {
  throw new Error('nobody took anything over');
};

/** Of two servers on one store only the one with the present term writes, whatever the other tries. */
export function describeGuards(target: Target): void {
  describe('guards', () => {
    let old: DocumentStore;
    let young: DocumentStore;
    const over: string[] = [];

    beforeAll(async () => {
      old = await target.open();
      young = await target.open();
      await old.requireCollection(ROWS, { key: 'serial', unique: [['name']] });
      await old.term.begin(null, () => over.push('old'));
      await old.write([insert(1, 'kept')]);
      await young.term.begin(null, never);
    });
    afterAll(async () => {
      await old.close();
      await young.close();
    });

    const insert = (id: number, name: string) =>
      ({ kind: 'insert', collection: ROWS, document: { id, name } }) as const;

    it.each<[string, () => Promise<unknown>]>([
      ['an insert', () => old.insert(ROWS, { name: 'late' })],
      ['a batch', () => old.batch([insert(90, 'a'), insert(91, 'b')])],
      ['a batch that nobody hears the outcome of', () => old.write([insert(92, 'c')])],
      ['an update', () => old.update(ROWS, 1, { name: 'late' })],
      ['a replacement', () => old.replace(ROWS, 1, { name: 'late' })],
      ['an upsert', () => old.upsert(ROWS, 93, { name: 'late' })],
      ['a deletion', () => old.delete(ROWS, 1)],
      ['a deletion by filter', () => old.deleteMany(ROWS, [['name', '=', 'kept']])],
      ['a claim', () => old.claim(ROWS, [['name', '=', 'kept']], { name: 'late' })],
      [
        'a claim that is decided row by row',
        () => old.claim(ROWS, [['name', '~', 'k.pt']], { name: 'late' }),
      ],
      ['a counter', () => old.increment('late_counter')],
      ['a definition', () => old.requireCollection('late_collection', {})],
      ['the end of a collection', () => old.dropCollection(ROWS)],
      ['a raised number', async () => old.raiseSerial(await old.collection(ROWS), 5_000)],
    ])('refuse %s of a term that is over, and change nothing', async (_, change) => {
      const before = await picture(young);
      over.length = 0;
      const failure = await change().then(
        () => null,
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(StoreTakenException);
      expect(failure).toMatchObject({ code: Errno.EIO });
      expect(over).toEqual(['old']);
      expect(await picture(young)).toEqual(before);
    });

    it('let the present term write, also where a batch brings it itself', async () => {
      const { guard } = young.term;
      await young.write([insert(2, 'mine')], guard === null ? {} : { guard });
      await young.update(ROWS, 2, { name: 'still mine' });
      expect(await young.claim(ROWS, [['id', '=', 2]], { name: 'claimed' })).toMatchObject({
        id: 2,
      });
      expect(await young.delete(ROWS, 2)).toBe(true);
    });

    it("refuse a batch whose own guard is over, for all that the store's is not", async () => {
      const other = await target.open();
      const refused: number[] = [];
      const stop = other.term.onRefused((term) => refused.push(term));
      const stale = other.write([insert(3, 'stale')], { guard: { term: 0 } });
      await expect(stale).rejects.toThrow(StoreTakenException);
      expect(refused).toEqual([0]);
      stop();
      await expect(other.write([insert(3, 'stale')], { guard: { term: 0 } })).rejects.toThrow();
      expect(refused).toEqual([0]);
      await other.close();
      expect(await young.getById(ROWS, 3)).toBeNull();
    });

    it('let nobody end a term that another has ended already', async () => {
      const third = await target.open();
      const from = (young.term.guard?.term ?? 0) - 1;
      await expect(third.term.begin(from, never)).rejects.toThrow(StoreTakenException);
      await third.close();
      await young.write([insert(4, 'undisturbed')]);
    });

    it('let one of many win who begin a term at once', async () => {
      const rivals = await Promise.all(Array.from({ length: 4 }, () => target.open()));
      const from = young.term.guard?.term ?? 0;
      const outcomes = await Promise.allSettled(rivals.map(({ term }) => term.begin(from, never)));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      await Promise.all(rivals.map((rival) => rival.close()));
    });

    it('leave those alone who have no term, as tools have none', async () => {
      const tool = await target.open();
      await tool.insert(ROWS, { name: 'by hand' });
      expect(await tool.deleteMany(ROWS, [['name', '=', 'by hand']])).toBe(1);
      await tool.close();
    });
  });
}

/** All that a change could have changed. */
async function picture(store: DocumentStore): Promise<unknown> {
  const collection = await store.collection(ROWS);
  return {
    rows: await store.query(ROWS),
    last: await store.lastSerial(collection),
    counters: [...(await store.listCounters())],
    collections: await store.listCollections(),
  };
}
