import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EngineHarness } from './support/engine.harness.js';
import { MemoryTaskStore } from './support/memory-task-store.js';

let harness: EngineHarness;

/** What the store is asked from now on. */
function counted(): { flushes: () => number; rows: () => number } {
  const { driver } = harness;
  const [flushes, rows] = [driver.flushes.length, driver.rows];
  return {
    flushes: () => driver.flushes.length - flushes,
    rows: () => driver.rows - rows,
  };
}

describe('What a task costs the store', () => {
  beforeEach(async () => {
    harness = await new EngineHarness().start();
    harness.addResource('lock');
  });
  afterEach(() => harness.dispose());

  it('is one flush for 64 submits of one turn, each of them one row', async () => {
    await harness.submit('gate', ['lock'], 'held');
    await vi.waitUntil(() => harness.isAt('held'));
    const count = counted();
    const ids = await Promise.all(
      Array.from({ length: 64 }, () => harness.submit('nothing', ['lock'])),
    );
    expect([count.flushes(), count.rows()]).toEqual([1, 64]);
    for (const id of ids) expect(harness.statesOf(id)[0]).toBe('CREATED');
    harness.open('held');
    await Promise.all(ids.map((id) => harness.engine.wait(id)));
  });

  it('is two rows for an inline task that nothing keeps waiting: it runs, it has ended', async () => {
    const count = counted();
    const id = await harness.submit('nothing');
    await harness.engine.wait(id);
    expect([count.flushes(), count.rows()]).toEqual([2, 2]);
    expect(harness.statesOf(id)).toEqual(['CREATED', 'WAITING', 'EXECUTING', 'FINISHED']);
  });

  it('is two flushes for 64 of them together', async () => {
    const count = counted();
    const ids = await Promise.all(Array.from({ length: 64 }, () => harness.submit('nothing')));
    await Promise.all(ids.map((id) => harness.engine.wait(id)));
    expect([count.flushes(), count.rows()]).toEqual([2, 128]);
  });

  it('is one flush for the end of one and the start of the next on its lock', async () => {
    await harness.submit('gate', ['lock'], 'held');
    await vi.waitUntil(() => harness.isAt('held'));
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => harness.submit('nothing', ['lock'])),
    );
    const count = counted();
    harness.open('held');
    await Promise.all(ids.map((id) => harness.engine.wait(id)));
    expect(count.flushes()).toBe(21);
    expect(count.rows()).toBe(41);
  });

  it('is one event and one write for what 64 submits of one turn change', async () => {
    await harness.submit('gate', ['lock'], 'held');
    await vi.waitUntil(() => harness.isAt('held'));
    const before = harness.named('task.changed').length;
    await Promise.all(Array.from({ length: 64 }, () => harness.submit('nothing', ['lock'])));
    await turn();
    const operations = harness.named('task.changed').slice(before);
    expect(operations.map(({ args }) => args['operation'])).toEqual(['create', 'update']);
    harness.open('held');
  });

  it('is at most ten events and two writes for a second of a thousand reports', async () => {
    harness.define('counting', {
      run: async (task) => {
        for (let report = 1; report <= 1_000; report += 1) {
          task.setProgress(report / 10, `report ${report}`);
          await harness.clock.advance(1);
          if (report % 20 === 0) await turn(); // lets flushes happen
        }
      },
    });
    const count = counted();
    const startMs = harness.clock.nowMs();
    const id = await harness.submit('counting');
    await harness.engine.wait(id);
    const reports = harness.named('task.progress');
    const within = reports.filter(({ atMs }) => atMs < startMs + 1_000);
    expect(within.length).toBeLessThanOrEqual(10);
    expect(reports.length).toBeLessThanOrEqual(11); // and the last, which is always told
    expect(reports[0]?.args).toMatchObject({ message: 'report 1' });
    expect(reports.at(-1)?.args).toMatchObject({ message: 'report 1000' });
    expect(count.rows()).toBeLessThanOrEqual(2 + 2);
  });
});

describe('What a task costs the scheduler', () => {
  /** Steps and timers per task, from the submit of the first to the end of the last. */
  async function cost(tasks: number, claim: (task: number) => string) {
    const fresh = new EngineHarness();
    try {
      await fresh.start(new MemoryTaskStore());
      fresh.resources.register('gate', { owner: 'test' });
      for (let task = 0; task < tasks; task += 1) {
        fresh.resources.register(`lock${task}`, { owner: 'test', parents: ['gate'] });
      }
      await fresh.submit('gate', ['gate'], 'held');
      await vi.waitUntil(() => fresh.isAt('held'));
      const { meter } = fresh.engine.scheduler;
      const before = meter.steps;
      const ids: number[] = [];
      for (let task = 0; task < tasks; task += 1) {
        ids.push(await fresh.submit('nothing', [claim(task)]));
      }
      await turn();
      const timers = fresh.clock.pending.length;
      fresh.open('held');
      await Promise.all(ids.map((id) => fresh.engine.wait(id)));
      expect(fresh.ran).toHaveLength(tasks + 1);
      return { steps: (meter.steps - before) / tasks, timers };
    } finally {
      await fresh.dispose();
    }
  }

  it.each([
    ['one lock', () => 'lock0'],
    ['a lock each', (task: number) => `lock${task}`],
  ])('is the same with 10,000 waiting for %s as with 100, and no timer', async (_, claim) => {
    const few = await cost(100, claim);
    const many = await cost(10_000, claim);
    expect(many.steps).toBeLessThanOrEqual(few.steps * 1.2);
    expect(many.timers).toBe(0);
  });
});
