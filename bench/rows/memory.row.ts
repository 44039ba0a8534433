import { IdleCrowd } from '../load/idle-crowd.js';
import { dispatcher } from '../subjects/dispatcher.subject.js';
import { nestWs, wsJson } from '../subjects/reference.subjects.js';
import type { Line, Row, RowContext, RowResult } from './row.js';
import { startAll, type Started, stopAll } from './started.js';

export const MEMORY_TARGET = 1.5;

/** What one more idle, logged-in connection costs in memory. */
export const memoryRow: Row = {
  name: 'memory',
  async run(context) {
    const product = dispatcher({ entry: context.options.server });
    const { started, notes } = await startAll([product, wsJson, nestWs], { probe: 'memory' });
    try {
      const slopes = new Map<string, Slopes>();
      for (const each of started) {
        slopes.set(each.subject.name, await slopesOf(each, context));
      }
      return [evaluate(slopes, notes)];
    } finally {
      await stopAll(started);
    }
  },
};

/** Bytes per connection. */
interface Slopes {
  readonly live: number;
  readonly resident: number;
}

export async function slopesOf(started: Started, context: RowContext): Promise<Slopes> {
  const crowd = await IdleCrowd.gather(started, context);
  await crowd.close();
  return { live: crowd.perConnection('live'), resident: crowd.perConnection('resident') };
}

function evaluate(slopes: ReadonlyMap<string, Slopes>, missing: readonly string[]): RowResult {
  const product = slopes.get('dispatcher');
  const raw = slopes.get(wsJson.name);
  const lines = [...slopes].map(([subject, { resident }]): Line => {
    const line = { subject, value: resident / 1024, unit: 'KiB/connection' };
    if (product === undefined || subject === 'dispatcher') return line;
    const ratio = resident / product.resident;
    return { ...line, ratio: { median: ratio, lowest: ratio, highest: ratio } };
  });
  const live = [...slopes].map(([subject, use]) => `${subject} ${(use.live / 1024).toFixed(2)}`);
  const notes = [...missing, `of it live JavaScript memory: ${live.join(', ')}`];
  const result = { row: 'memory', work: 'memory of an idle, logged-in connection', lines, notes };
  if (product === undefined || raw === undefined) return result;
  const figure = 'resident memory per connection, dispatcher / ws-json';
  const achieved = product.resident / raw.resident;
  return { ...result, goal: { figure, target: MEMORY_TARGET, better: 'lower', achieved } };
}
