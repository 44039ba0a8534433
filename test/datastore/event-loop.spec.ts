import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATASTORE_DRIVERS } from '../../src/server/datastore-drivers.js';
import { type DocumentStore, openDatastore } from '../../src/datastore/index.js';

const ROWS = 60_000;

/**
 * Not seconds but turns: while a scan is under way the event loop must go round many times. A scan in
 * the server's thread would let it go round once.
 */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setTimeout(count, 1);
  };
  setTimeout(count, 1);
  await work.finally(() => (isDone = true));
  return turns;
}

describe('a scan of a large collection', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loop-'));
  let store: DocumentStore;
  beforeAll(async () => {
    store = await openDatastore(
      { driver: 'sqlite', dsn: join(folder, 'store.db') },
      { drivers: DATASTORE_DRIVERS },
    );
    await store.requireCollection('rows', { key: 'serial', indexes: ['k'] });
    for (let start = 0; start < ROWS; start += 5_000) {
      await store.insertMany(
        'rows',
        Array.from({ length: 5_000 }, (_, n) => ({ k: n % 10, n: start + n, text: `row ${n}` })),
      );
    }
  });
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['by SQL', () => store.query('rows', [['n', '=', -1]])],
    ['by a regular expression', () => store.query('rows', [['text', '~', '999$']])],
    [
      'sorted by a field without an index',
      () => store.query('rows', null, { sort: '-text', limit: 5 }),
    ],
    ['that counts', () => store.query('rows', [['text', '~', '1']], { count: true })],
    ['of one indexed value with many rows', () => store.query('rows', [['k', '=', 3]])],
    ['that returns every row', () => store.query('rows')],
  ])('%s leaves the event loop to others', async (_, scan) => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const turns = await turnsDuring(scan());
    delay.disable();
    expect(turns).toBeGreaterThan(5);
    console.log(`${turns} turns, longest ${(delay.max / 1e6).toFixed(0)} ms`);
  });

  it('does not hold up reads by key and writes', async () => {
    let isDone = false;
    const scan = store
      .query('rows', [['text', '~', 'x{1,50}y']], { count: true })
      .then(() => (isDone = true));
    const id = await store.insert('rows', { k: 1, n: -5 });
    expect(await store.getById('rows', id)).toMatchObject({ n: -5 });
    await store.update('rows', id, { n: -6 });
    expect(isDone).toBe(false);
    await scan;
  });
});
