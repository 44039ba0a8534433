import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Errno, RpcException } from '../../src/common/index.js';
import type { Task } from '../../src/sdk/index.js';
import { EngineHarness } from '../tasks/support/engine.harness.js';

let harness: EngineHarness;
const parts = (task: Task) => ['slow', 'fails'].map((name) => task.runSubtask(name));

beforeEach(async () => {
  harness = new EngineHarness();
  harness.define('slow', {
    run: (task) =>
      new Promise((resolve) => task.signal.addEventListener('abort', () => resolve('aborted'))),
  });
  harness.define('quick', { run: () => 'quick' });
  harness.define('fails', {
    run: () => {
      throw new RpcException(Errno.EBUSY, 'the disk is in use');
    },
  });
  harness.define('all', { run: (task) => Promise.all(parts(task).map((part) => part.join())) });
  harness.define('first', {
    run: (task) =>
      Promise.race(
        ['slow', 'quick'].map((name) => task.runSubtask(name)).map((part) => part.join()),
      ),
  });
  harness.define('recovers', {
    run: async (task) => {
      const [slow, failing] = parts(task);
      await Promise.race([slow!.join(), failing!.join()]).catch(() => slow!.abort());
      const outcomes = await Promise.allSettled([slow!.join(), failing!.join()]);
      return outcomes.map(({ status }) => status);
    },
  });
  harness.define('waits', {
    run: async (task) => {
      const [slow, failing] = parts(task);
      let isOver = false;
      const joined = task.joinSubtasks(slow!, failing!).finally(() => (isOver = true));
      await failing!.join().catch(() => undefined);
      const wasOver = isOver;
      await slow!.abort();
      await joined.catch(() => undefined);
      return wasOver;
    },
  });
  await harness.start();
  harness.engine.start();
});
afterEach(() => harness.dispose());

const run = async (name: string) => harness.engine.wait(await harness.submit(name));
const statesOf = async (name: string) =>
  (await harness.taskStore.query([['name', '=', name]], { select: 'state' })) as string[];

describe('V11: a task that does not wait for all of its parts', () => {
  it('V11: fails with the first part that fails, and the others are aborted', async () => {
    expect(await run('all')).toMatchObject({
      state: 'FAILED',
      error: { code: Errno.EBUSY, message: 'the disk is in use' },
    });
    expect(await statesOf('slow')).toEqual(['ABORTED']);
  });

  it('V11: goes on with the first part that ends, and the others are aborted', async () => {
    expect(await run('first')).toMatchObject({ state: 'FINISHED', result: 'quick' });
    expect(await statesOf('slow')).toEqual(['ABORTED']);
  });

  it('V11: aborts the other part itself and goes on', async () => {
    expect(await run('recovers')).toMatchObject({
      state: 'FINISHED',
      result: ['rejected', 'rejected'],
    });
  });

  it('V11: differs from joinSubtasks, which waits for all of them', async () => {
    expect(await run('waits')).toMatchObject({ state: 'FINISHED', result: false });
  });
});
