import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TASK_STATES } from '../../src/wire/index.js';
import { STAGES } from '../../src/tasks/engine/task-state-machine.js';
import { EngineHarness } from './support/engine.harness.js';
import { MemoryTaskStore } from './support/memory-task-store.js';
import { seeded } from '../support/random.js';

let harness: EngineHarness;

beforeEach(() => {
  harness = new EngineHarness();
});
afterEach(() => harness.dispose());

/** Where the scheduler has each task, by the resource that nobody else claims. */
function scheduled(): Map<string, string> {
  const seen = new Map<string, string>();
  for (const { name, holders, waiters } of harness.engine.scheduler.listResources()) {
    if (holders.length > 0) seen.set(name, 'running');
    else if (waiters.length > 0) seen.set(name, 'waiting');
  }
  return seen;
}

/** Of all that live: what the scheduler says of a task follows from its stage, and its row's state too. */
function assertDerived(): Set<string> {
  const { live } = harness.engine;
  const seen = scheduled();
  const stages = new Set<string>();
  for (const { stage, row } of live.all()) {
    stages.add(stage.at);
    const { row: state, schedule } = STAGES[stage.at];
    expect(row.state).toBe(state ?? row.state);
    expect(TASK_STATES).toContain(row.state);
    const own = String((row.args[0] as string[])[0]);
    expect([stage.at, seen.get(own) ?? 'neither']).toEqual([
      stage.at,
      schedule === 'announced' || schedule === 'ended' ? 'neither' : schedule,
    ]);
  }
  return stages;
}

describe('The stage of a task', () => {
  it('says what its row and the scheduler do, in every turn of many tasks and aborts', async () => {
    await harness.start(new MemoryTaskStore());
    const random = seeded(19);
    harness.define('slow', {
      run: async () => {
        for (let turns = 0; turns < 3; turns += 1) await turn();
        if (random() < 0.3) throw new Error('it goes wrong');
      },
      rollback: async () => {
        await turn();
      },
    });
    for (let lock = 0; lock < 3; lock += 1) harness.addResource(`lock${lock}`);
    const stages = new Set<string>();
    const ids: number[] = [];
    for (let task = 0; task < 200; task += 1) {
      harness.addResource(`own${task}`);
      const claims = [`own${task}`, `lock${Math.floor(random() * 3)}`];
      ids.push(await harness.submit('slow', claims));
      for (const stage of assertDerived()) stages.add(stage);
      if (random() < 0.2) await harness.engine.abort(Math.ceil(random() * ids.length));
      for (const stage of assertDerived()) stages.add(stage);
      if (random() < 0.5) await turn();
    }
    while ([...harness.engine.live.all()].length > 0) {
      for (const stage of assertDerived()) stages.add(stage);
      await turn();
    }
    expect([...stages]).toEqual(expect.arrayContaining(['waiting', 'running', 'rollingBack']));
    for (const id of ids) await harness.engine.wait(id);
  });

  it('stays as it is in a server when a step is illegal: that is refused, and the log says it', async () => {
    harness.guard = null;
    await harness.start();
    harness.addResource('lock');
    await harness.submit('gate', ['lock'], 'held');
    await vi.waitUntil(() => harness.isAt('held'));
    const id = await harness.submit('nothing', ['lock']);
    const task = harness.engine.live.get(id);
    const row = task?.row;
    expect(task?.enter({ at: 'finished', run: null }, { result: 'made up' })).toBe(false);
    expect(task?.stage.at).toBe('waiting');
    expect(task?.row).toBe(row);
    expect(harness.log).toEqual([
      `Task ${id} cannot go from waiting to finished: that is a mistake in the server`,
    ]);
    harness.open('held');
    expect((await harness.engine.wait(id)).state).toBe('FINISHED');
  });

  it('throws in a test that takes a task where it may not go', async () => {
    await harness.start();
    harness.addResource('lock');
    await harness.submit('gate', ['lock'], 'held');
    await vi.waitUntil(() => harness.isAt('held'));
    const task = harness.engine.live.get(await harness.submit('nothing', ['lock']));
    expect(() => task?.enter({ at: 'finished', run: null })).toThrow(/from waiting to finished/);
    harness.open('held');
  });
});
