import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DATASTORE_DRIVERS } from '../../src/datastore-drivers.js';
import { type DocumentStore, openDatastore } from '../../src/datastore/index.js';
import { median } from '../measure/statistics.js';
import { RawStore, sampleRow } from '../subjects/raw-sqlite.subject.js';
import type { Line, Row, RowContext, RowResult } from './row.js';

const ROWS = 100_000;
const PER_GROUP = 100;
const IN_FLIGHT = 64;

type Work = () => Promise<number>;

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
  const insertOne: Work = async () => {
    await store.insert('rows', sampleRow(0));
    return 1;
  };
  const insertMany: Work = async () => {
    await Promise.all(Array.from({ length: IN_FLIGHT }, insertOne));
    return IN_FLIGHT;
  };
  const costs = await interleave(context, {
    'store, one by one': insertOne,
    [`store, ${IN_FLIGHT} in flight`]: insertMany,
    'engine, a commit each': () => Promise.resolve(raw.insert(1)),
    [`engine, ${IN_FLIGHT} to a commit`]: () => Promise.resolve(raw.insert(IN_FLIGHT)),
  });
  const alone = costs.get('store, one by one') ?? [];
  const together = costs.get(`store, ${IN_FLIGHT} in flight`) ?? [];
  return {
    row: 'datastore',
    work,
    lines: linesOf(costs, together),
    goal: {
      figure: `rate at ${IN_FLIGHT} in flight / rate one by one`,
      target: 10,
      better: 'higher',
      achieved: median(alone.map((cost, round) => cost / (together[round] ?? cost))),
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
  const costs = await interleave(context, {
    store: async () => {
      await store.query('rows', [['group', '=', next()]], { limit: PER_GROUP });
      return 1;
    },
    engine: () => {
      raw.query(next(), PER_GROUP);
      return Promise.resolve(1);
    },
  });
  const own = costs.get('store') ?? [];
  const engine = costs.get('engine') ?? [];
  return {
    row: 'datastore',
    work,
    lines: linesOf(costs, own),
    goal: {
      figure: 'time of the store / time of the engine',
      target: 1.3,
      better: 'lower',
      achieved: median(own.map((cost, round) => cost / (engine[round] ?? cost))),
    },
    notes: [],
  };
}

/** Microseconds an operation took, for each subject and round; the subjects take turns. */
async function interleave(
  { options }: RowContext,
  subjects: Readonly<Record<string, Work>>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const costs = new Map<string, number[]>(Object.keys(subjects).map((name) => [name, []]));
  for (let round = 0; round <= options.rounds; round += 1) {
    for (const [name, work] of Object.entries(subjects)) {
      const cost = await measure(work, options.seconds / 4);
      if (round > 0) costs.get(name)?.push(cost); // the first round warms up
    }
  }
  return costs;
}

async function measure(work: Work, seconds: number): Promise<number> {
  const start = performance.now();
  let operations = 0;
  while (performance.now() - start < seconds * 1_000) operations += await work();
  return ((performance.now() - start) * 1_000) / operations;
}

function linesOf(
  costs: ReadonlyMap<string, readonly number[]>,
  own: readonly number[],
): readonly Line[] {
  return [...costs].map(([subject, rounds]) => {
    const value = median(rounds);
    const ratios = rounds.map((cost, round) => cost / (own[round] ?? cost));
    const line = { subject, value, unit: 'µs', perSecond: 1e6 / value };
    if (rounds === own) return line;
    const [lowest, highest] = [Math.min(...ratios), Math.max(...ratios)];
    return { ...line, ratio: { median: median(ratios), lowest, highest } };
  });
}
