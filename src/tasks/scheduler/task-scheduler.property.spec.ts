import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SchedulerTwin, type TwinClaim } from '../../../test/support/scheduler-twin.js';

const RUNS = Number(process.env['SCHEDULER_RUNS'] ?? 3_000);
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;

const name = fc.constantFrom(...NAMES);
const anyName = fc.constantFrom('root', 'system', ...NAMES);
const owner = fc.constantFrom('one', 'two');
const placement = fc.record({
  parents: fc.array(anyName, { maxLength: 3 }),
  children: fc.option(fc.array(name, { maxLength: 2 }), { freq: 3 }),
});
const claim: fc.Arbitrary<TwinClaim> = fc.record({
  resource: fc.oneof({ weight: 6, arbitrary: name }, { weight: 1, arbitrary: anyName }),
  mode: fc.constantFrom('shared', 'exclusive'),
});

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constant('admit' as const), fc.array(claim, { maxLength: 3 })),
  },
  { weight: 5, arbitrary: fc.tuple(fc.constant('release' as const), fc.nat(20)) },
  { weight: 6, arbitrary: fc.tuple(fc.constant('register' as const), name, owner, placement) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('update' as const), name, placement) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('rename' as const), name, name) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('remove' as const), name) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('unload' as const), owner) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Layers of resources, each on some of those before: pools on disks, datasets on pools. */
const start = fc.array(fc.array(fc.nat(6), { maxLength: 3 }), { maxLength: NAMES.length });

function build(twin: SchedulerTwin, layers: readonly (readonly number[])[]): void {
  layers.forEach((above, index) => {
    const parents = above.filter((at) => at < index).map((at) => NAMES[at]!);
    twin.register(NAMES[index]!, 'one', { parents, children: null });
  });
}

function take(twin: SchedulerTwin, next: Step, id: number): string | null {
  switch (next[0]) {
    case 'admit':
      twin.admit(id, next[1]);
      return null;
    case 'release': {
      const { tasks } = twin.naive;
      const task = tasks[next[1] % Math.max(tasks.length, 1)];
      if (task !== undefined) twin.release(task.id);
      return null;
    }
    case 'register':
      return twin.register(next[1], next[2], next[3]);
    case 'update':
      return twin.update(next[1], next[2]);
    case 'rename':
      return twin.rename(next[1], next[2]);
    case 'remove':
      return twin.remove(next[1]);
    case 'unload':
      twin.releaseOwner(next[1]);
      return null;
  }
}

describe('the scheduler over a graph that changes while tasks wait and run', () => {
  it(`agrees with the naive model after each step, and everything ends`, () => {
    const refusals = new Map<string, number>();
    fc.assert(
      fc.property(start, fc.array(step, { minLength: 5, maxLength: 40 }), (layers, steps) => {
        const twin = new SchedulerTwin();
        build(twin, layers);
        steps.forEach((next, id) => {
          const refusal = take(twin, next, id);
          if (refusal !== null) refusals.set(refusal, (refusals.get(refusal) ?? 0) + 1);
        });
        twin.drain();
      }),
      { numRuns: RUNS },
    );
    // the steps are of use only if they reach every rule that refuses a change
    expect([...refusals.keys()].sort()).toEqual(['EBUSY', 'EEXIST', 'EINVAL', 'ENOENT']);
  });
});
