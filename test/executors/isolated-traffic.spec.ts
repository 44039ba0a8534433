import { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ExecutorProcess } from '../../src/tasks/executors/isolated/executor-process.js';
import type { ExecutorPool, RunOutcome } from '../../src/tasks/index.js';
import { ExecutorHarness, FakeContext, never } from './executor.harness.js';

const MIB = 1024 * 1024;

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 }); // processes start slowly on a busy machine

describe('What an isolated task says', () => {
  const harness = new ExecutorHarness();
  let pool: ExecutorPool;
  beforeAll(async () => {
    await harness.scripts();
    pool = harness.pool({ min: 1, max: 1 });
  });
  afterAll(() => harness.dispose());

  const returned = (value: unknown): RunOutcome => ({ kind: 'returned', value });

  it('arrives as output, standard output and error and that of its own processes', async () => {
    let output = '';
    await harness.script(
      pool,
      `console.log('out ä'); console.error('err');
       load('node:child_process').spawnSync('echo', ['child'], { stdio: 'inherit' });
       process.stdout.write('last');`,
      { onOutput: (text) => (output += text) },
    );
    expect(output.split(/\n/).sort()).toEqual(['child', 'err', 'last', 'out ä']);
  });

  it('is complete when the run ends, and none of it is the next task’s', async () => {
    for (let n = 0; n < 20; n += 1) {
      let output = '';
      await harness.script(pool, `process.stdout.write('${String(n)}'.repeat(1000))`, {
        onOutput: (text) => (output += text),
      });
      expect(output).toBe(String(n).repeat(1_000));
    }
  });

  it('may be a flood, which holds up neither its calls nor the server', async () => {
    const context = new FakeContext();
    let bytes = 0;
    const before = process.memoryUsage().rss;
    const outcome = await harness.script(
      pool,
      `const piece = 'x'.repeat(65535) + '\\n';
       for (let i = 0; i < 4000; i += 1) {
         if (!process.stdout.write(piece)) await new Promise((resolve) => process.stdout.once('drain', resolve));
         if (i % 1000 === 0) await this.dispatcher.callSync('no.such').catch(() => 0);
       }
       return 'done';`,
      { context, onOutput: (text) => (bytes += text.length) },
    );
    expect(outcome).toEqual(returned('done'));
    expect(bytes).toBe(4_000 * 65_536);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MIB);
  });

  it('may be progress in every round of a loop: little of it is sent, the last one is', async () => {
    const context = new FakeContext();
    const text = 'for (let i = 0; i < 300000; i += 1) this.setProgress(i / 3000); return 1;';
    expect(await harness.script(pool, text, { context })).toEqual(returned(1));
    expect(context.progress.length).toBeLessThan(100);
    expect(context.progress.at(-1)?.percentage).toBeCloseTo(99.9997, 3);
  });

  it('may be nonsense on the channel: it is not listened to', async () => {
    expect(
      await harness.script(
        pool,
        `for (const message of [1, null, 'ended', {}, { kind: 'odd' }, { kind: 'ended', epoch: -1 }, { kind: 'answer' }])
           process.send(message);
         return this.dispatcher.callSync('no.such').catch((e) => e.code);`,
      ),
    ).toEqual(returned(2));
  });

  it.each([
    `{ kind: 'ended', epoch }`,
    `{ kind: 'ended', epoch, outcome: { kind: 'threw' } }`,
    `{ kind: 'not-loaded', epoch }`,
  ])('may be a lie about its end, which costs itself only: %s', async (message) => {
    const text = `for (let epoch = 0; epoch < 100; epoch += 1) process.send(${message});
      await new Promise(() => 0);`;
    expect(await harness.script(pool, text)).toMatchObject({ kind: 'died' });
    expect(await harness.script(pool, 'return 1')).toEqual(returned(1));
  });

  it('may be warnings without end: a thousand are told, and that there were more', async () => {
    const context = new FakeContext();
    await harness.script(pool, 'for (let i = 0; i < 5000; i += 1) this.addWarning(5, "no");', {
      context,
    });
    expect(context.warnings).toHaveLength(1_000);
    expect(context.warnings.at(-1)?.message).toBe('Further warnings of this task are left out');
  });

  it('takes one message to begin and one to end, once the code is there', async () => {
    await harness.script(pool, 'return 1');
    const sent = vi.spyOn(ExecutorProcess.prototype, 'send');
    const emitted = vi.spyOn(ChildProcess.prototype, 'emit');
    const received = () =>
      emitted.mock.calls.filter(([event]) => (event as string) === 'message').length;
    try {
      for (let n = 0; n < 3; n += 1) await harness.script(pool, 'return 1');
      expect([sent.mock.calls.length, received()]).toEqual([3, 3]);
      const assignment = harness.assignment({ name: 'script', args: ['throw 1'] });
      const session = await pool.open(assignment, { signal: never() });
      await session.run();
      await session.rollback();
      await session.close();
      expect([sent.mock.calls.length, received()]).toEqual([5, 5]);
    } finally {
      sent.mockRestore();
      emitted.mockRestore();
    }
  });
});
