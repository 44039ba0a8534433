import { beforeEach, describe, expect, it } from 'vitest';
import { Errno } from '../../common/index.js';
import { ResourceGraph } from '../resources/index.js';
import { TaskScheduler } from './index.js';

const owner = 'storage';

describe('a change of the graph', () => {
  let graph: ResourceGraph;
  let scheduler: TaskScheduler;
  const told: string[] = [];

  beforeEach(() => {
    told.length = 0;
    graph = new ResourceGraph();
    for (const name of ['da0', 'da1']) graph.register(name, { owner });
    scheduler = new TaskScheduler({
      graph,
      onOutcome: (outcome) => {
        told.push(`${outcome.kind} ${outcome.task}`);
        if (outcome.kind === 'failed') told.push(outcome.error.message);
      },
    });
  });

  it('that would give two running tasks a node to share is refused and names both', () => {
    scheduler.admit(1, ['da0']);
    scheduler.admit(2, ['da1']);
    expect(() => graph.register('tank', { owner, parents: ['da0', 'da1'] })).toThrow(
      expect.objectContaining({
        code: Errno.EBUSY,
        message: expect.stringContaining('Resource tank') as string,
      }),
    );
    expect(() => graph.update('da1', { parents: ['da0'] })).toThrow('task 1 and task 2');
    scheduler.release(1);
    graph.register('tank', { owner, parents: ['da0', 'da1'] });
    scheduler.admit(3, ['da0']);
    expect(told).toEqual(['started 1', 'started 2']);
  });

  it('may put below a held resource what just gave up a child that another task holds', () => {
    graph.register('tank', { owner, parents: ['da0'] });
    graph.register('tank/a', { owner, parents: ['tank'] });
    scheduler.admit(1, ['tank/a']);
    scheduler.admit(2, ['da1']);
    expect(() => graph.update('tank', { parents: ['da1'] })).toThrow('task 1 and task 2');
    graph.update('tank', { parents: ['da1'], children: [] });
    scheduler.admit(3, ['tank']);
    expect(scheduler.explain(3)).toMatchObject([{ task: 2, path: ['tank', 'da1'] }]);
  });

  it('puts what is registered below a held resource under the lock', () => {
    scheduler.admit(1, ['da0']);
    graph.register('tank', { owner, parents: ['da0'] });
    scheduler.admit(2, ['tank']);
    expect(scheduler.explain(2)).toMatchObject([
      { relation: 'held', task: 1, resource: 'da0', path: ['tank', 'da0'] },
    ]);
  });

  it('leaves a running task what it had locked, wherever that is moved', () => {
    graph.register('tank', { owner, parents: ['da0'] });
    graph.register('tank/a', { owner, parents: ['tank'] });
    scheduler.admit(1, ['da0']);
    graph.update('tank', { parents: ['da1'] });
    scheduler.admit(2, ['tank/a']);
    expect(scheduler.explain(2)).toMatchObject([{ task: 1, resource: 'tank' }]);
    scheduler.release(1);
    expect(told).toEqual(['started 1', 'started 2']);
  });

  it('lets a waiting task start when what it waits for moves away from its claim', () => {
    graph.register('tank', { owner, parents: ['da0'] });
    scheduler.admit(1, ['tank']);
    scheduler.admit(2, ['da0']);
    expect(told).toEqual(['started 1']);
    graph.update('tank', { parents: ['da1'] });
    expect(told).toEqual(['started 1', 'started 2']);
  });

  it('makes a waiting task wait for one that was admitted later and runs', () => {
    graph.register('tank', { owner, parents: ['da0'] });
    graph.register('swap', { owner });
    scheduler.admit(1, ['swap']);
    scheduler.admit(2, ['swap', 'da1']);
    scheduler.admit(3, ['tank']);
    graph.update('tank', { parents: ['da0', 'da1'] });
    scheduler.release(1);
    expect(told).toEqual(['started 1', 'started 3']);
    expect(scheduler.explain(2)).toMatchObject([{ relation: 'held', task: 3 }]);
    scheduler.release(3);
    expect(told.at(-1)).toBe('started 2');
  });

  it('keeps a resource locked that gets another parent by being named as a child', () => {
    scheduler.admit(1, ['da0']);
    graph.register('tank', { owner, parents: ['da0'] });
    graph.register('controller', { owner, children: ['tank'] });
    scheduler.admit(2, ['tank']);
    expect(told).toEqual(['started 1']);
    scheduler.admit(3, ['da1']);
    expect(() => graph.update('da1', { parents: [], children: ['tank'] })).toThrow(
      'task 1 and task 3',
    );
  });

  it('keeps a join locked that another new edge opens a second way to', () => {
    graph.register('tank', { owner, parents: ['da0'] });
    scheduler.admit(1, ['da0']);
    graph.update('tank', { parents: ['da0', 'da1'] });
    scheduler.admit(2, ['tank']);
    expect(told).toEqual(['started 1']);
  });

  it('keeps locks through a rename and gives a freed name to a new resource', () => {
    scheduler.admit(1, ['da0']);
    scheduler.admit(2, ['da0']);
    graph.rename('da0', 'nvme0');
    graph.register('da0', { owner });
    scheduler.admit(3, ['da0']);
    scheduler.admit(4, ['nvme0']);
    expect(scheduler.explain(4).map((reason) => reason.claim.resource)).toEqual(['nvme0', 'nvme0']);
    scheduler.release(1);
    expect(told).toEqual(['started 1', 'started 3', 'started 2']);
  });

  it('that removes a held resource and brings it back finds its lock', () => {
    graph.register('tank', { owner, parents: ['da0', 'da1'] });
    scheduler.admit(1, ['da0']);
    graph.remove('da0');
    graph.register('da0', { owner });
    scheduler.admit(2, ['da0']);
    scheduler.admit(3, ['tank']);
    expect(told).toEqual(['started 1']);
    scheduler.release(1);
    expect(told).toEqual(['started 1', 'started 2']);
    expect(graph.find('da0')).toBeDefined();
  });

  it('that removes what carries a held resource leaves both until it is released', () => {
    graph.register('tank', { owner, parents: ['da0'] });
    scheduler.admit(1, ['tank']);
    graph.remove('da0');
    scheduler.admit(2, ['da0']);
    scheduler.admit(3, ['tank']);
    expect(told).toEqual(['started 1']);
    scheduler.release(1);
    expect(graph.list().map(({ name }) => name)).toEqual(['root', 'system', 'da1']);
    expect(told.filter((line) => line.startsWith('failed'))).toEqual(['failed 2', 'failed 3']);
  });

  it('by the unloading of a plugin spares what is held, until it is released', () => {
    graph.register('tank', { owner: 'pools', parents: ['da0'] });
    scheduler.admit(1, ['tank']);
    scheduler.admit(2, ['tank']);
    graph.releaseOwner(owner);
    expect(graph.list().map(({ name }) => name)).toEqual(['root', 'system', 'da0', 'tank']);
    scheduler.release(1);
    expect(graph.list().map(({ name }) => name)).toEqual(['root', 'system']);
    expect(told.slice(1)).toEqual([
      'failed 2',
      'Resource deadlock avoided, missing resources: tank',
    ]);
  });

  it('by the reload of a plugin finds the locks of before', () => {
    scheduler.admit(1, ['da0']);
    graph.releaseOwner(owner);
    graph.register('da0', { owner });
    scheduler.admit(2, ['da0']);
    scheduler.release(1);
    expect(told).toEqual(['started 1', 'started 2']);
    expect(graph.find('da0')).toBeDefined();
  });

  it('by the reload of a plugin keeps what waits, and loses what does not come back at its end', () => {
    graph.register('da9', { owner });
    scheduler.admit(1, ['da0']);
    scheduler.admit(2, ['da0']);
    scheduler.admit(3, ['da9']);
    expect(told).toEqual(['started 1', 'started 3']);
    scheduler.admit(4, ['da9']);
    graph.beginReload(owner);
    graph.releaseOwner(owner);
    scheduler.release(1);
    scheduler.release(2);
    scheduler.release(3);
    expect(told.slice(2)).toEqual(['started 2', 'started 4']);
    graph.register('da0', { owner });
    graph.endReload(owner);
    scheduler.release(4);
    expect(graph.find('da0')).toBeDefined();
    expect(graph.find('da9')).toBeUndefined();
  });
});

describe('a claim on what does not exist', () => {
  let graph: ResourceGraph;
  let scheduler: TaskScheduler;
  const told: string[] = [];

  beforeEach(() => {
    told.length = 0;
    graph = new ResourceGraph();
    scheduler = new TaskScheduler({
      graph,
      onOutcome: ({ kind, task }) => void told.push(`${kind} ${task}`),
    });
  });

  it('waits while an earlier task is unfinished, and fails with it gone', () => {
    scheduler.admit(1, ['system']);
    scheduler.admit(2, ['tank', 'pond']);
    scheduler.admit(3, ['pool']);
    expect(scheduler.explain(2)).toEqual(
      ['tank', 'pond'].map((resource) => ({
        relation: 'missing',
        claim: { resource, mode: 'exclusive' },
        resource,
      })),
    );
    scheduler.release(1);
    expect(told).toEqual(['started 1', 'failed 2', 'failed 3']);
  });

  it('is granted when the earlier task registers it', () => {
    scheduler.admit(1, ['system']);
    scheduler.admit(2, ['tank']);
    graph.register('tank', { owner });
    expect(told).toEqual(['started 1', 'started 2']);
  });

  it('takes its place before all that were admitted later', () => {
    graph.register('da0', { owner });
    for (const name of ['x', 'y', 'z']) graph.register(name, { owner, parents: ['da0'] });
    scheduler.admit(1, ['da0']);
    scheduler.admit(2, ['tank']);
    scheduler.admit(3, ['da0']);
    for (const [index, name] of ['x', 'y', 'z'].entries()) scheduler.admit(4 + index, [name]);
    graph.register('tank', { owner, parents: ['da0'] });
    scheduler.release(1);
    expect(told).toEqual(['started 1', 'started 2']);
    scheduler.release(2);
    expect(told.at(-1)).toBe('started 3');
  });

  it('stands before a later claim once the resource is there', () => {
    scheduler.admit(1, ['system']);
    scheduler.admit(2, ['tank', 'system']);
    graph.register('tank', { owner });
    scheduler.admit(3, ['tank']);
    scheduler.release(1);
    expect(told).toEqual(['started 1', 'started 2']);
  });

  it('waits for a task that was submitted before and whose verify still runs', () => {
    scheduler.announce(1);
    scheduler.announce(2);
    scheduler.admit(2, ['tank']);
    expect(told).toEqual([]);
    scheduler.release(1);
    expect(told).toEqual(['failed 2']);
  });

  it('does not wait for one that was overtaken and now waits in turn', () => {
    scheduler.announce(1);
    scheduler.announce(2);
    scheduler.admit(2, ['tank', 'system']);
    scheduler.admit(1, ['system']);
    expect(told).toEqual(['failed 2', 'started 1']);
  });

  it('does not wait for one that was submitted later', () => {
    scheduler.announce(1);
    scheduler.announce(2);
    scheduler.admit(1, ['tank']);
    expect(told).toEqual(['failed 1']);
  });
});

describe('whoever is told of an outcome', () => {
  it('may end and admit tasks there and then', () => {
    const told: string[] = [];
    const scheduler: TaskScheduler = new TaskScheduler({
      graph: new ResourceGraph(),
      onOutcome: ({ kind, task }) => {
        told.push(`${kind} ${task}`);
        scheduler.release(task);
        if (task < 4) scheduler.admit(task + 1, ['system']);
      },
    });
    scheduler.admit(1, ['system']);
    expect(told).toEqual(['started 1', 'started 2', 'started 3', 'started 4']);
  });
});
