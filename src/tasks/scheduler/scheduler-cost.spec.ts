import { describe, expect, it } from 'vitest';
import { ResourceGraph } from '../resources/index.js';
import { TaskScheduler } from './index.js';

const owner = 'test';

/** A graph and, for the nth task, the resource that it claims. */
type Scene = (tasks: number, graph: ResourceGraph) => (task: number) => string;

const oneLock: Scene = (_, graph) => {
  graph.register('lock', { owner });
  return () => 'lock';
};

const aLockEach: Scene = (tasks, graph) => {
  for (let task = 0; task < tasks; task += 1) graph.register(`lock${task}`, { owner });
  return (task) => `lock${task}`;
};

const aDeepChain: Scene = (_, graph) => {
  const depth = 60;
  for (let at = 0; at < depth; at += 1) {
    graph.register(`level${at}`, { owner, parents: at === 0 ? [] : [`level${at - 1}`] });
  }
  return (task) => `level${(task * 37) % depth}`;
};

const onePoolOnAllDisks: Scene = (tasks, graph) => {
  const disks = Array.from({ length: tasks }, (_, disk) => `disk${disk}`);
  for (const disk of disks) graph.register(disk, { owner });
  graph.register('pool', { owner, parents: disks });
  graph.register('dataset', { owner, parents: ['pool'] });
  return (task) => (task % 3 === 0 ? 'dataset' : `disk${task}`);
};

interface Figures {
  readonly admitting: number;
  readonly ending: number;
}

/** Steps per task, all of them waiting for a task that holds everything, then run to the end. */
function stepsPerTask(scene: Scene, tasks: number): Figures {
  const graph = new ResourceGraph();
  const claimOf = scene(tasks, graph);
  const running: number[] = [];
  const scheduler = new TaskScheduler({ graph, onOutcome: ({ task }) => void running.push(task) });
  scheduler.admit(-1, ['root']);
  for (let task = 0; task < tasks; task += 1) scheduler.admit(task, [claimOf(task)]);
  const admitting = scheduler.meter.steps;
  expect(running).toEqual([-1]);
  for (let at = 0; at <= tasks; at += 1) scheduler.release(running[at]!);
  expect(running).toHaveLength(tasks + 1);
  return {
    admitting: admitting / tasks,
    ending: (scheduler.meter.steps - admitting) / tasks,
  };
}

describe('the steps that a task costs, from admission to its end', () => {
  it.each([
    ['on one lock', oneLock],
    ['on a lock of its own', aLockEach],
    ['on a chain of sixty', aDeepChain],
    ['on a pool and its many disks', onePoolOnAllDisks],
  ])('%s are as many with 10,000 waiting as with 100', (_, scene) => {
    const few = stepsPerTask(scene, 100);
    const many = stepsPerTask(scene, 10_000);
    expect(many.admitting).toBeLessThan(few.admitting * 1.2);
    expect(many.ending).toBeLessThan(few.ending * 1.2);
  });

  it('do not depend on how much lies below the claim', () => {
    const graph = new ResourceGraph();
    aDeepChain(0, graph);
    aLockEach(2_000, graph);
    const scheduler = new TaskScheduler({ graph, onOutcome: () => undefined });
    scheduler.admit(1, ['root']);
    scheduler.release(1);
    expect(scheduler.meter.steps).toBeLessThan(10);
  });

  it('of an early task that leaves the line are as few as those of the last', () => {
    const graph = new ResourceGraph();
    oneLock(0, graph);
    const scheduler = new TaskScheduler({ graph, onOutcome: () => undefined });
    for (let task = 0; task < 10_000; task += 1) scheduler.admit(task, ['lock']);
    const before = scheduler.meter.steps;
    scheduler.release(1);
    scheduler.release(5_000);
    scheduler.release(9_999);
    expect(scheduler.meter.steps - before).toBeLessThan(20);
  });

  it('of readers that start together are counted for each reader once', () => {
    const graph = new ResourceGraph();
    oneLock(0, graph);
    const started: number[] = [];
    const scheduler = new TaskScheduler({
      graph,
      onOutcome: ({ task }) => void started.push(task),
    });
    scheduler.admit(-1, ['lock']);
    for (let task = 0; task < 1_000; task += 1) {
      scheduler.admit(task, [{ resource: 'lock', mode: 'shared' }]);
    }
    const before = scheduler.meter.steps;
    scheduler.release(-1);
    expect(started).toHaveLength(1_001);
    expect(scheduler.meter.steps - before).toBeLessThan(1_000 * 5);
  });
});
