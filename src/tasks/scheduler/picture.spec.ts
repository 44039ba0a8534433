import { beforeEach, describe, expect, it } from 'vitest';
import { ResourceGraph } from '../resources/index.js';
import { type ScheduleOutcome, TaskScheduler } from './index.js';

/** root > da0, system, and da1, da2 > zpool:tank > dataset:tank > media > audio, apps. */
function picture(): ResourceGraph {
  const graph = new ResourceGraph();
  const owner = 'storage';
  for (const disk of ['da0', 'da1', 'da2']) graph.register(`disk:/dev/${disk}`, { owner });
  graph.register('zpool:tank', { owner, parents: ['disk:/dev/da1', 'disk:/dev/da2'] });
  graph.register('dataset:tank', { owner, parents: ['zpool:tank'] });
  for (const name of ['media', 'apps', 'media/audio']) {
    const parent = name.includes('/') ? 'dataset:tank/media' : 'dataset:tank';
    graph.register(`dataset:tank/${name}`, { owner, parents: [parent] });
  }
  return graph;
}

describe('while dataset:tank of the pictured system is held', () => {
  const running: number[] = [];
  let scheduler: TaskScheduler;

  beforeEach(() => {
    running.length = 0;
    const onOutcome = (outcome: ScheduleOutcome): void => void running.push(outcome.task);
    scheduler = new TaskScheduler({ graph: picture(), onOutcome });
    scheduler.admit(1, ['dataset:tank']);
  });

  it.each([
    ['itself', 'dataset:tank', false],
    ['what is below', 'dataset:tank/media/audio', false],
    ['its pool', 'zpool:tank', false],
    ['one disk of its pool', 'disk:/dev/da1', false],
    ['the other disk of its pool', 'disk:/dev/da2', false],
    ['the root', 'root', false],
    ['another disk', 'disk:/dev/da0', true],
    ['the system', 'system', true],
  ])('a task for %s (%s) runs: %s', (_, resource, runs) => {
    scheduler.admit(2, [resource]);
    expect(running.includes(2)).toBe(runs);
  });

  it('all that wait run in order once it is released, each when the one before has ended', () => {
    const above = ['dataset:tank/apps', 'zpool:tank', 'disk:/dev/da2', 'root', 'disk:/dev/da1'];
    above.forEach((resource, index) => scheduler.admit(index + 2, [resource]));
    expect(running).toEqual([1]);
    for (let task = 1; task <= 5; task += 1) scheduler.release(task);
    expect(running).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('a waiting task is told who holds what, and how that touches its claim', () => {
    scheduler.admit(2, ['disk:/dev/da1', { resource: 'system', mode: 'shared' }]);
    scheduler.admit(3, ['disk:/dev/da2']);
    expect(scheduler.explain(3)).toEqual([
      {
        relation: 'held',
        claim: { resource: 'disk:/dev/da2', mode: 'exclusive' },
        resource: 'dataset:tank',
        task: 1,
        path: ['disk:/dev/da2', 'zpool:tank', 'dataset:tank'],
      },
      {
        relation: 'precedes',
        claim: { resource: 'disk:/dev/da2', mode: 'exclusive' },
        resource: 'disk:/dev/da1',
        task: 2,
        path: ['disk:/dev/da2', 'zpool:tank', 'disk:/dev/da1'],
      },
    ]);
    expect(scheduler.explain(1)).toEqual([]);
  });

  it('the resources are listed with who holds and who waits', () => {
    scheduler.admit(2, [{ resource: 'zpool:tank', mode: 'shared' }]);
    const listed = new Map(scheduler.listResources().map((entry) => [entry.name, entry]));
    expect(listed.get('zpool:tank')).toEqual({
      name: 'zpool:tank',
      parents: ['disk:/dev/da1', 'disk:/dev/da2'],
      holders: [],
      waiters: [2],
    });
    expect(listed.get('dataset:tank/media')).toMatchObject({
      holders: [{ task: 1, mode: 'exclusive' }],
      waiters: [],
    });
  });
});
