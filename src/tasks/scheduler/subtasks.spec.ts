import { beforeEach, describe, expect, it } from 'vitest';
import { Errno } from '../../common/index.js';
import { ResourceGraph } from '../resources/index.js';
import { TaskScheduler } from './index.js';

const owner = 'storage';
const shared = (resource: string) => ({ resource, mode: 'shared' as const });
const refused = (resources: string): unknown =>
  expect.objectContaining({
    code: Errno.EBUSY,
    message: `Subtask needs what its parent has not locked and is not free: ${resources}`,
  });

describe('a subtask', () => {
  let graph: ResourceGraph;
  let scheduler: TaskScheduler;
  const told: string[] = [];

  beforeEach(() => {
    told.length = 0;
    graph = new ResourceGraph();
    for (const name of ['da0', 'da1', 'da2']) graph.register(name, { owner });
    graph.register('tank', { owner, parents: ['da0'] });
    graph.register('tank/a', { owner, parents: ['tank'] });
    graph.register('tank/b', { owner, parents: ['tank'] });
    scheduler = new TaskScheduler({
      graph,
      onOutcome: ({ kind, task }) => void told.push(`${kind} ${task}`),
    });
    scheduler.admit(1, ['tank']);
  });

  it('runs at once under locks that its parent holds, also when others wait for them', () => {
    scheduler.admit(2, ['root']);
    scheduler.admitSubtask(1, 10, ['tank/a']);
    expect(told).toEqual(['started 1', 'started 10']);
  });

  it.each([
    ['what the parent claims', ['tank'], true],
    ['what is below', ['tank/a', shared('tank/b')], true],
    ['what is above', ['da0'], false],
    ['what does not exist', ['tank/c'], false],
    ['nothing', [], true],
  ])('that claims %s is covered: %s %s', (_, claims, isCovered) => {
    expect(scheduler.coveredBy(1, claims)).toBe(isCovered);
  });

  it('that changes what its parent only reads is not covered, and must find it free of others', () => {
    scheduler.admit(2, [shared('da1')]);
    scheduler.admit(3, [shared('da1')]);
    expect(scheduler.coveredBy(2, ['da1'])).toBe(false);
    expect(() => scheduler.admitSubtask(2, 20, ['da1'])).toThrow(refused('da1'));
    scheduler.release(3);
    scheduler.admitSubtask(2, 20, ['da1']);
    expect(told).toContain('started 20');
  });

  it('waits for an earlier sibling that it conflicts with, not for another', () => {
    scheduler.admitSubtask(1, 10, ['tank/a']);
    scheduler.admitSubtask(1, 11, ['tank']);
    scheduler.admitSubtask(1, 12, ['tank/b']);
    expect(told).toEqual(['started 1', 'started 10']);
    expect(scheduler.explain(12)).toMatchObject([{ relation: 'precedes', task: 11 }]);
    scheduler.release(10);
    scheduler.release(11);
    expect(told).toEqual(['started 1', 'started 10', 'started 11', 'started 12']);
  });

  it('is refused, with the names, when others hold or wait for what the parent has not got', () => {
    scheduler.admit(2, ['da1']);
    scheduler.admit(3, ['da1', 'da2']);
    expect(() => scheduler.admitSubtask(1, 10, ['tank/a', 'da1', 'da2', 'da9'])).toThrow(
      refused('da1, da2, da9'),
    );
    scheduler.admitSubtask(1, 10, ['tank/a']); // nothing of the refused one is left
    expect(told.at(-1)).toBe('started 10');
  });

  it('keeps others out of what it took beyond its parent, exactly until it ends', () => {
    scheduler.admitSubtask(1, 10, ['da1']);
    scheduler.admitSubtask(1, 11, ['da1']);
    scheduler.admit(2, ['da1']);
    expect(scheduler.explain(2)).toMatchObject([
      { relation: 'held', task: 1 },
      { relation: 'held', task: 1 },
    ]);
    scheduler.release(10);
    expect(told).toEqual(['started 1', 'started 10', 'started 11']);
    scheduler.release(11);
    expect(told.at(-1)).toBe('started 2');
  });

  it('of a subtask may use what the grandparent holds unless an uncle does', () => {
    scheduler.admitSubtask(1, 10, ['tank/a']);
    scheduler.admitSubtask(10, 100, ['tank/b']);
    expect(told.at(-1)).toBe('started 100');
    scheduler.release(100);
    scheduler.admitSubtask(1, 11, ['tank/b']);
    expect(() => scheduler.admitSubtask(10, 101, ['tank/b'])).toThrow(refused('tank/b'));
  });

  it('loses its locks with its parent', () => {
    scheduler.admitSubtask(1, 10, ['da1']);
    scheduler.release(1);
    scheduler.admit(2, ['da0', 'da1']);
    expect(told.at(-1)).toBe('started 2');
    scheduler.release(10); // too late, and harmless
  });

  it('goes on waiting for a sibling when the resource is removed that their parent holds', () => {
    scheduler.admitSubtask(1, 10, ['tank/a']);
    scheduler.admitSubtask(1, 11, ['tank/a']);
    graph.remove('tank/a');
    expect(told.at(-1)).toBe('started 10');
    scheduler.release(10);
    expect(told.at(-1)).toBe('started 11');
    scheduler.release(1);
    expect(graph.find('tank/a')).toBeUndefined();
  });

  it('is named when a change would make it share a node with a running sibling', () => {
    scheduler.admit(2, ['da1', 'da2']);
    scheduler.admitSubtask(2, 20, ['da1']);
    scheduler.admitSubtask(2, 21, ['da2']);
    expect(() => graph.register('pond', { owner, parents: ['da1', 'da2'] })).toThrow(
      expect.objectContaining({
        code: Errno.EBUSY,
        message: expect.stringContaining('task 20 and task 21') as string,
      }),
    );
  });

  it('of a task that does not run is a mistake of the caller', () => {
    scheduler.admit(2, ['tank']);
    expect(() => scheduler.admitSubtask(2, 20, [])).toThrow('Task 2 is not running');
  });
});
