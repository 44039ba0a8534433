import { TaskLoad } from '../load/task-load.js';
import { cpuMicros } from '../measure/cpu.js';
import { median } from '../measure/statistics.js';
import type { Row, RowContext, RowResult } from './row.js';

const FEW = 100;
const MANY = 10_000;
const MOST_ROUNDS = 2;
const IN_FLIGHT = 64;

/** Which resource the nth task locks. */
type Scene = (task: number) => string;

const SCENES: readonly (readonly [title: string, scene: Scene])[] = [
  ['on one lock', () => 'bench:lock0'],
  ['on a lock of its own each', (task) => `bench:lock${task}`],
];

interface Cost {
  readonly cpuMicros: number;
  readonly micros: number;
}

/** What a task costs from submit to end when very many wait at the same time, against the same with few. */
export const tasksWaitingRow: Row = {
  name: 'tasks-waiting',
  async run(context) {
    const results: RowResult[] = [];
    for (const [title, scene] of SCENES) {
      const load = await TaskLoad.open(context);
      try {
        results.push(await compare(load, { title, scene }, context));
      } finally {
        await load.close();
      }
    }
    return results;
  },
};

async function compare(
  load: TaskLoad,
  { title, scene }: { readonly title: string; readonly scene: Scene },
  { options, progress }: RowContext,
): Promise<RowResult> {
  const work = `${MANY.toLocaleString('en')} tasks waiting ${title}`;
  const [few, many]: [Cost[], Cost[]] = [[], []];
  await measure(load, scene, FEW); // warms up
  for (let round = 1; round <= Math.min(options.rounds, MOST_ROUNDS); round += 1) {
    progress(`${work}, round ${round}`);
    const before = await measure(load, scene, FEW);
    many.push(await measure(load, scene, MANY));
    const after = await measure(load, scene, FEW);
    few.push({
      cpuMicros: (before.cpuMicros + after.cpuMicros) / 2,
      micros: (before.micros + after.micros) / 2,
    });
  }
  const ratios = many.map(({ cpuMicros: cpu }, round) => cpu / (few[round]?.cpuMicros ?? NaN));
  return {
    row: 'tasks-waiting',
    work,
    lines: [lineOf(FEW, few), lineOf(MANY, many)],
    goal: {
      figure: `CPU per task with ${MANY} waiting / with ${FEW}`,
      target: 2,
      better: 'lower',
      achieved: median(ratios),
    },
    notes: [],
  };
}

function lineOf(waiting: number, costs: readonly Cost[]) {
  return {
    subject: `${waiting} waiting`,
    value: median(costs.map(({ cpuMicros: cpu }) => cpu)),
    unit: 'µs CPU/task',
    perSecond: 1e6 / median(costs.map(({ micros }) => micros)),
  };
}

/** Few of them several times, for a figure that is more than noise. */
async function measure(load: TaskLoad, scene: Scene, waiting: number): Promise<Cost> {
  const times = waiting === FEW ? 10 : 1;
  const cpuBefore = cpuMicros(load.pid);
  const before = performance.now();
  for (let time = 0; time < times; time += 1) await waitAndRun(load, scene, waiting);
  const tasks = times * waiting;
  return {
    cpuMicros: (cpuMicros(load.pid) - cpuBefore) / tasks,
    micros: ((performance.now() - before) * 1_000) / tasks,
  };
}

async function waitAndRun(load: TaskLoad, scene: Scene, waiting: number): Promise<void> {
  await load.closeGate();
  const ids = await inLanes(waiting, (task) => load.submit('bench.inline', [scene(task)]));
  await load.openGate();
  await inLanes(waiting, (task) => load.finished(ids[task]!));
}

/** The results of that many, some at a time. */
async function inLanes<T>(count: number, work: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const n = next;
      next += 1;
      results[n] = await work(n);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return results;
}
