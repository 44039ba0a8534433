import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DATASTORE_DRIVERS } from '../../src/server/datastore-drivers.js';
import { type DocumentStore, openDatastore } from '../../src/datastore/index.js';
import { median } from '../measure/statistics.js';
import { inTurns, linesOf, ratios, repeated } from '../measure/turns.js';
import { RawStore, sampleRow } from '../subjects/raw-sqlite.subject.js';
import type { Row, RowContext, RowResult } from './row.js';

const ROWS = 100_000;
const PER_GROUP = 100;
const IN_FLIGHT = 64;

const ALONE = 'store, one by one';
const TOGETHER = `store, ${IN_FLIGHT} in flight`;

/** The embedded store against its own engine used directly: durable inserts and an indexed query. */
export const datastoreRow: Row = {
  name: 'datastore',
  async run(context) {
    const folder = mkdtempSync(join(tmpdir(), 'dispatcher-bench-store-'));
    const dsn = join(folder, 'store.db');
    const raw = new RawStore(join(folder, 'raw.db'));
    const store = await openDatastore({ driver: 'sqlite', dsn }, { drivers: DATASTORE_DRIVERS });
    try {
      await store.requireCollection('rows', {
        key: 'serial',
        indexes: ['group'],
        timestamps: 'none', // the engine's rows have none either
      });
      const notes = [store.description];
      return [await inserts(store, raw, context), await queries(store, raw, context)].map(
        (result) => ({ ...result, notes }),
      );
    } finally {
      await store.close();
      raw.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function inserts(
  store: DocumentStore,
  raw: RawStore,
  context: RowContext,
): Promise<RowResult> {
  const work = `durable inserts, ${IN_FLIGHT} in flight`;
  context.progress(work);
  const insertOne = (): Promise<unknown> => store.insert('rows', sampleRow(0));
  const insertMany = (): Promise<unknown> =>
    Promise.all(Array.from({ length: IN_FLIGHT }, insertOne));
  const operations = IN_FLIGHT;
  const costs = await inTurns(shortRounds(context), {
    [ALONE]: repeated(insertOne),
    [TOGETHER]: repeated(insertMany, { operations }),
    'engine, a commit each': repeated(() => raw.insert(1)),
    [`engine, ${IN_FLIGHT} to a commit`]: repeated(() => raw.insert(IN_FLIGHT), { operations }),
  });
  return {
    row: 'datastore',
    work,
    lines: linesOf(costs, TOGETHER),
    goal: {
      figure: `rate at ${IN_FLIGHT} in flight / rate one by one`,
      target: 10,
      better: 'higher',
      achieved: median(ratios(costs, [ALONE, TOGETHER])),
    },
    notes: [],
  };
}

async function queries(
  store: DocumentStore,
  raw: RawStore,
  context: RowContext,
): Promise<RowResult> {
  const work = `indexed query, ${PER_GROUP} of ${ROWS} rows`;
  context.progress(work);
  const groups = ROWS / PER_GROUP;
  for (let start = 0; start < ROWS; start += 5_000) {
    const batch = Array.from({ length: 5_000 }, (_, n) => sampleRow((start + n) % groups));
    await store.insertMany('rows', batch);
    raw.insertAll(batch);
  }
  let group = 0;
  const next = (): number => (group = (group + 1) % groups);
  const costs = await inTurns(shortRounds(context), {
    store: repeated(() => store.query('rows', [['group', '=', next()]], { limit: PER_GROUP })),
    engine: repeated(() => raw.query(next(), PER_GROUP)),
  });
  return {
    row: 'datastore',
    work,
    lines: linesOf(costs, 'store'),
    goal: {
      figure: 'time of the store / time of the engine',
      target: 1.3,
      better: 'lower',
      achieved: median(ratios(costs, ['store', 'engine'])),
    },
    notes: [],
  };
}

function shortRounds({ options: { rounds, seconds } }: RowContext) {
  return { rounds, seconds: seconds / 4 };
}
