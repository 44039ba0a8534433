import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../src/events/index.js';
import type { ExecutorPool } from '../../src/tasks/index.js';
import { VirtualClock } from '../../src/testing/index.js';
import { ExecutorHarness, until } from './executor.harness.js';

const PID = 'return process.pid;';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 }); // processes start slowly on a busy machine

let harness: ExecutorHarness;
beforeEach(async () => {
  harness = new ExecutorHarness();
  await harness.scripts();
});
afterEach(() => harness.dispose());

describe('A machine on which no process can be started', () => {
  /** A task that waits for a process until it is told not to. */
  const waitFor = (pool: ExecutorPool, isSubtask = false) => {
    const controller = new AbortController();
    const assignment = harness.assignment({ name: 'script', args: [PID], isSubtask });
    const opening = pool.open(assignment, { signal: controller.signal });
    opening.catch(() => undefined);
    return { controller, opening };
  };

  /** Jumps over the delays between two starts, and remembers them; others never end. */
  class JumpingClock implements Clock {
    readonly delays: number[] = [];
    nowMs = (): number => 0;
    after(delayMs: number, action: () => void): () => void {
      if (![100, 200, 400, 800, 1_600, 3_200].includes(delayMs)) return () => undefined;
      this.delays.push(delayMs);
      const immediate = setImmediate(action);
      return () => clearImmediate(immediate);
    }
  }

  const spawnFails = 'No task executor can be started: spawn /nowhere/node ENOENT';

  it('leaves the task waiting with the reason, and is tried again ever more rarely', async () => {
    const clock = new JumpingClock();
    const pool = harness.pool({ clock, execPath: '/nowhere/node', min: 1, max: 1 });
    const { controller, opening } = waitFor(pool);
    await until(() => clock.delays.length >= 6);
    expect(clock.delays.slice(0, 5)).toEqual([100, 200, 400, 800, 1_600]);
    expect(harness.lines).toEqual([spawnFails]);
    await until(() => pool.list().length === 0); // the sixth try is over as well
    expect(pool.obstacle).toBe(spawnFails);
    controller.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
  });

  it('includes one where the process ends before it is ready', async () => {
    const clock = new JumpingClock();
    const pool = harness.pool({ clock, entry: '/nowhere/worker.js', min: 1, max: 1 });
    const { controller, opening } = waitFor(pool, true);
    await until(() => pool.obstacle !== null);
    expect(pool.obstacle).toMatch(
      /^No task executor can be started: it exited with status 1 \(.*Cannot find module/,
    );
    controller.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
  });

  it('F7: includes one so busy that none is ready in time: it is given twice as long the next time', async () => {
    const clock = new VirtualClock();
    harness.write('slow.mjs', `setInterval(() => 0, 1_000);`);
    const entry = join(harness.directory, 'slow.mjs');
    const pool = harness.pool({ clock, entry, min: 1, max: 1, startTimeoutMs: 30_000 });
    const { controller, opening } = waitFor(pool);
    const outOfTime = async (seconds: number): Promise<void> => {
      await until(() => pool.list().some(({ state }) => state === 'starting'));
      await clock.advance(seconds * 1_000);
      await until(() => pool.obstacle?.endsWith(`not ready within ${seconds} s`) === true);
      await clock.advance(10_000);
    };
    for (const seconds of [30, 60, 120]) await outOfTime(seconds);
    controller.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
  });

  it('F7: serves who waited as soon as one can be started', async () => {
    const node = join(harness.directory, 'node');
    const pool = harness.pool({ execPath: node, min: 1, max: 1 });
    const waiting = harness.script(pool, PID);
    await until(() => pool.obstacle !== null);
    symlinkSync(process.execPath, node);
    expect(await waiting).toMatchObject({ kind: 'returned' });
    expect(pool.obstacle).toBeNull();
    expect(harness.lines).toContain('Task executors can be started again');
  });

  it('costs those who can be served nothing', async () => {
    const pool = harness.pool({ min: 1, max: 1 });
    expect(await harness.script(pool, PID)).toMatchObject({ kind: 'returned' });
  });
});
