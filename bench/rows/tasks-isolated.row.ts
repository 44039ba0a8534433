import { TaskLoad } from '../load/task-load.js';
import { median } from '../measure/statistics.js';
import { inTurns, linesOf, ratios, repeated } from '../measure/turns.js';
import { BareChild, IsolatedTasks } from '../subjects/isolated.subject.js';
import type { Row, RowContext, RowResult } from './row.js';

const EXECUTOR = 'run in a warm executor';
const BARE = 'bare IPC round trip';
const INLINE = 'inline, submit to finished over the wire';
const APART = 'isolated, submit to finished over the wire';

/** What it costs to run a task in a process of its own, against a message to a process and back. */
export const tasksIsolatedRow: Row = {
  name: 'tasks-isolated',
  async run(context) {
    const load = await TaskLoad.open(context);
    const isolated = new IsolatedTasks();
    const bare = new BareChild();
    try {
      return [await measure(context, { load, isolated, bare })];
    } finally {
      bare.close();
      await isolated.close();
      await load.close();
    }
  },
};

interface Subjects {
  readonly load: TaskLoad;
  readonly isolated: IsolatedTasks;
  readonly bare: BareChild;
}

async function measure(
  context: RowContext,
  { load, isolated, bare }: Subjects,
): Promise<RowResult> {
  const work = 'isolated tasks, warm, one at a time';
  context.progress(work);
  const { rounds, seconds } = context.options;
  const costs = await inTurns(
    { rounds, seconds: seconds / 4 },
    {
      [EXECUTOR]: repeated(() => isolated.run()),
      [BARE]: repeated(() => bare.run()),
      [INLINE]: repeated(() => load.run('bench.inline', [])),
      [APART]: repeated(() => load.run('bench.apart', [])),
    },
  );
  return {
    row: 'tasks-isolated',
    work,
    lines: linesOf(costs, EXECUTOR),
    goal: {
      figure: `time of a ${EXECUTOR} / time of a ${BARE}`,
      target: 5,
      better: 'lower',
      achieved: median(ratios(costs, [EXECUTOR, BARE])),
    },
    notes: ['over the wire a task is written to the disk before it is answered, run and finished'],
  };
}
