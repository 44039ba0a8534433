import { describe, expect, it } from 'vitest';
import { NaiveScheduler } from '../../../test/support/naive-scheduler.js';
import { SchedulerTwin, type TwinClaim } from '../../../test/support/scheduler-twin.js';
import { ResourceGraph } from '../resources/index.js';
import { type ScheduleOutcome, TaskScheduler } from './index.js';

/** How many choices of a graph and four tasks are taken through every interleaving. */
const SAMPLES = Number(process.env['SCHEDULER_MODEL_SAMPLES'] ?? 25);

/** Parents of the second to fifth node as bit masks over the nodes before: every DAG of 5 nodes. */
type Shape = readonly number[];

const NAMES = ['a', 'b', 'c', 'd', 'e'];

function* shapes(): Generator<Shape> {
  for (let code = 0; code < 2 * 4 * 8 * 16; code += 1) {
    yield [code & 1, (code >> 1) & 3, (code >> 3) & 7, (code >> 6) & 15];
  }
}

/** One shape of each set that differs by a renaming of nodes. */
function distinctShapes(): Shape[] {
  const seen = new Map<string, Shape>();
  const orders = permutations([0, 1, 2, 3, 4]);
  for (const shape of shapes()) {
    const edges = shape.flatMap((mask, index) =>
      [0, 1, 2, 3].filter((parent) => mask & (1 << parent)).map((parent) => [parent, index + 1]),
    );
    const names = orders.map((order) =>
      edges
        .map(([from, to]) => `${order[from!]}${order[to!]}`)
        .sort()
        .join(' '),
    );
    const canonical = names.sort()[0]!;
    if (!seen.has(canonical)) seen.set(canonical, shape);
  }
  return [...seen.values()];
}

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}

/** One claim of either mode, or two claims on different nodes. */
function taskKinds(): TwinClaim[][] {
  const modes = ['shared', 'exclusive'] as const;
  const single = NAMES.flatMap((resource) => modes.map((mode) => [{ resource, mode }]));
  const pairs = NAMES.flatMap((first, index) =>
    NAMES.slice(index + 1).map((second): TwinClaim[] => [
      { resource: first, mode: 'exclusive' },
      { resource: second, mode: 'shared' },
    ]),
  );
  return [...single, ...pairs];
}

const MODE_PAIRS = [
  ['shared', 'shared'],
  ['shared', 'exclusive'],
  ['exclusive', 'shared'],
  ['exclusive', 'exclusive'],
] as const;

/** A scheduler and a naive model over one graph, to be compared by the test itself. */
function pairOf(shape: Shape): Pair {
  const naive = new NaiveScheduler();
  const graph = new ResourceGraph();
  const started: number[] = [];
  const onOutcome = (outcome: ScheduleOutcome): void => void started.push(outcome.task);
  const scheduler = new TaskScheduler({ graph, onOutcome });
  for (const [name, parents] of placementsOf(shape)) {
    graph.register(name, { owner: 'one', parents });
    naive.register(name, 'one', parents, null);
  }
  return { naive, started, scheduler };
}

interface Pair {
  readonly naive: NaiveScheduler;
  readonly started: number[];
  readonly scheduler: TaskScheduler;
}

function placementsOf(shape: Shape): [string, string[]][] {
  return NAMES.map((name, index) => {
    const mask = index === 0 ? 0 : shape[index - 1]!;
    return [name, NAMES.slice(0, index).filter((_, parent) => mask & (1 << parent))];
  });
}

function twinOf(shape: Shape): SchedulerTwin {
  const twin = new SchedulerTwin();
  for (const [name, parents] of placementsOf(shape)) {
    twin.register(name, 'one', { parents, children: null });
  }
  return twin;
}

/** Tasks by number: its first mention submits it, the second ends or aborts it. */
function* interleavings(
  tasks: number,
  prefix: readonly number[] = [],
): Generator<readonly number[]> {
  if (prefix.length === tasks * 2) yield prefix;
  const submitted = new Set(prefix).size;
  for (let task = 0; task < tasks; task += 1) {
    const mentions = prefix.filter((other) => other === task).length;
    // tasks are alike until their claims tell them apart: they come in the order of their numbers
    if (mentions === 2 || (mentions === 0 && task !== submitted)) continue;
    yield* interleavings(tasks, [...prefix, task]);
  }
}

function play(shape: Shape, claims: readonly TwinClaim[][], steps: readonly number[]): void {
  const twin = twinOf(shape);
  const isSubmitted = new Set<number>();
  for (const task of steps) {
    if (isSubmitted.has(task)) twin.release(task);
    else twin.admit(task, claims[task]!);
    isSubmitted.add(task);
  }
  twin.drain();
}

/** Numbers that are spread evenly and the same in every run. */
function* spread(count: number, range: number): Generator<number> {
  const golden = 0.618_033_988_749_895;
  for (let index = 1; index <= count; index += 1) yield Math.floor(((index * golden) % 1) * range);
}

describe('on every acyclic graph of five nodes', () => {
  const all = distinctShapes();
  const kinds = taskKinds();

  it('is each graph once, whatever its nodes are called', () => {
    expect(all).toHaveLength(302); // the known number of them
  });

  it('any two claims exclude each other exactly when they lock a node in common', () => {
    for (const shape of all) {
      const { naive, started, scheduler } = pairOf(shape);
      for (const first of NAMES) {
        for (const second of NAMES) {
          const below = naive.below([naive.find(first)!]);
          const meet = [...naive.below([naive.find(second)!])].some((node) => below.has(node));
          for (const modes of MODE_PAIRS) {
            started.length = 0;
            scheduler.admit(1, [{ resource: first, mode: modes[0] }]);
            scheduler.admit(2, [{ resource: second, mode: modes[1] }]);
            const mayShare = modes[0] === 'shared' && modes[1] === 'shared';
            expect(started, `${shape.join()}: ${first} ${second}`).toEqual(
              meet && !mayShare ? [1] : [1, 2],
            );
            scheduler.release(2);
            scheduler.release(1);
          }
        }
      }
    }
  });

  it('four tasks, submitted, ended and aborted in every order, do as the naive model says', () => {
    const orders = [...interleavings(4)];
    expect(orders).toHaveLength(105);
    for (const pick of spread(SAMPLES, all.length * kinds.length ** 4)) {
      const shape = all[pick % all.length]!;
      const claims = [0, 1, 2, 3].map(
        (task) => kinds[Math.floor(pick / (all.length * kinds.length ** task)) % kinds.length]!,
      );
      for (const steps of orders) play(shape, claims, steps);
    }
  }, 3_600_000);
});
