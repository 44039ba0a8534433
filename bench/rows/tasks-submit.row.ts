import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DATASTORE_DRIVERS } from '../../src/server/datastore-drivers.js';
import { openDatastore } from '../../src/datastore/index.js';
import { TaskLoad } from '../load/task-load.js';
import { median } from '../measure/statistics.js';
import { inTurns, linesOf, ratios, repeated } from '../measure/turns.js';
import type { Row, RowContext, RowResult } from './row.js';

const IN_FLIGHT = 64;
/** For each round: what waits for the disk alone changes its pace from second to second. */
const TURNS = 2;
/** What of a task's row nobody is shown. */
const UNSEEN = { sealed: null, idempotency_key: null, idempotency_digest: null };
const ALONE = 'submits, one by one';
const TOGETHER = `submits, ${IN_FLIGHT} in flight`;
const STORE = `store, ${IN_FLIGHT} inserts of such rows in flight`;

/**
 * Durable submits of tasks that wait for a lock, over the wire, against the store alone, which is given
 * the very row that a submit makes it keep, with the same indexes.
 */
export const tasksSubmitRow: Row = {
  name: 'tasks-submit',
  async run(context) {
    const folder = mkdtempSync(join(tmpdir(), 'dispatcher-bench-submit-'));
    const dsn = join(folder, 'store.db');
    const store = await openDatastore({ driver: 'sqlite', dsn }, { drivers: DATASTORE_DRIVERS });
    const load = await TaskLoad.open(context);
    try {
      const indexes = ['state', 'idempotency_key'];
      await store.requireCollection('rows', { key: 'serial', timestamps: 'none', indexes });
      await load.closeGate();
      const submit = (): Promise<number> => load.submit('bench.inline', ['bench:lock1']);
      const row = { ...(await load.rowOf(await submit())), ...UNSEEN };
      return await measure(context, submit, () => store.insert('rows', row));
    } finally {
      await load.openGate();
      await load.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(
  context: RowContext,
  submit: () => Promise<unknown>,
  insert: () => Promise<unknown>,
): Promise<readonly RowResult[]> {
  const work = 'durable submits over the wire';
  context.progress(work);
  const { rounds, seconds } = context.options;
  const inFlight = IN_FLIGHT;
  const costs = await inTurns(
    { rounds: rounds * TURNS, seconds: seconds / 2 },
    {
      [ALONE]: repeated(submit),
      [TOGETHER]: repeated(submit, { inFlight }),
      [STORE]: repeated(insert, { inFlight }),
    },
  );
  const lines = linesOf(costs, TOGETHER);
  const against = (subject: string, target: number): RowResult => ({
    row: 'tasks-submit',
    work: `${work}, ${IN_FLIGHT} in flight, against: ${subject}`,
    lines: lines.filter((line) => line.subject === TOGETHER || line.subject === subject),
    goal: {
      figure: `rate of ${TOGETHER} / rate of ${subject}`,
      target,
      better: 'higher',
      achieved: median(ratios(costs, [subject, TOGETHER])),
    },
    notes: [],
  });
  return [against(ALONE, 10), against(STORE, 0.5)];
}
