import { TaskLoad } from '../load/task-load.js';
import { median } from '../measure/statistics.js';
import { inTurns, linesOf, ratios, repeated, type Work } from '../measure/turns.js';
import { BullJobs } from '../subjects/bullmq.subject.js';
import { LocalRedis } from '../subjects/redis.js';
import type { Row, RowContext, RowResult } from './row.js';

const IN_FLIGHT = 64;
const OWN = 'dispatcher';
const BULLMQ = 'BullMQ, Redis with appendfsync always';
const TARGET = 1.3;
const WANTED = 3;

/** An inline task from its submit, over the wire, to its end, against a job of BullMQ with the same promise. */
export const tasksInlineRow: Row = {
  name: 'tasks-inline',
  async run(context) {
    const load = await TaskLoad.open(context);
    try {
      const own = repeated(() => load.run('bench.inline', []), { inFlight: IN_FLIGHT });
      return [await besideBullMq(own, context)];
    } finally {
      await load.close();
    }
  },
};

async function besideBullMq(own: Work, context: RowContext): Promise<RowResult> {
  let redis: LocalRedis | null = null;
  let jobs: BullJobs | null = null;
  try {
    redis = await LocalRedis.start();
    jobs = await BullJobs.open(redis, IN_FLIGHT);
    const { run } = { run: jobs.run.bind(jobs) };
    return await measure(context, { [OWN]: own, [BULLMQ]: repeated(run, { inFlight: IN_FLIGHT }) });
  } catch (error) {
    const { lines, ...result } = await measure(context, { [OWN]: own });
    return { ...result, lines, notes: [`${BULLMQ} is missing: ${(error as Error).message}`] };
  } finally {
    await jobs?.close();
    await redis?.stop();
  }
}

async function measure(
  context: RowContext,
  subjects: Readonly<Record<string, Work>>,
): Promise<RowResult> {
  const work = `inline tasks, submit to finished, ${IN_FLIGHT} in flight`;
  context.progress(work);
  const costs = await inTurns(context.options, subjects);
  const result = { row: 'tasks-inline', work, lines: linesOf(costs, OWN), notes: [] };
  if (!costs.has(BULLMQ)) return result;
  const achieved = median(ratios(costs, [BULLMQ, OWN]));
  const figure = 'rate of the dispatcher / rate of BullMQ';
  const goal = { figure, target: TARGET, better: 'higher', achieved } as const;
  if (achieved >= WANTED) return { ...result, goal };
  return { ...result, goal, notes: [`${WANTED} × would take a log that is only appended to`] };
}
