import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExecutorPool, RunOutcome } from '../../src/tasks/index.js';
import { ExecutorHarness, FakeContext, isGone, never, until } from './executor.harness.js';

const GRACE_MS = 300;

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 }); // processes start slowly on a busy machine

describe('A task that takes its process down', () => {
  const harness = new ExecutorHarness();
  let pool: ExecutorPool;
  beforeAll(async () => {
    await harness.scripts();
    pool = harness.pool({
      abortGraceMs: GRACE_MS,
      killAfterMs: GRACE_MS,
      max: 1,
      execArgv: ['--max-old-space-size=64'],
    });
  });
  afterAll(() => harness.dispose());

  const returned = (value: unknown): RunOutcome => ({ kind: 'returned', value });
  const died = (reason: string): RunOutcome => ({ kind: 'died', reason });

  it.each([
    ['aborts', 'process.abort()', 'it was ended by SIGABRT'],
    ['crashes', 'process.kill(process.pid, "SIGSEGV"); for (;;);', 'it was ended by SIGSEGV'],
    ['exits', 'process.exit(0)', 'it exited with status 0'],
    ['exits with a status', 'process.exit(7)', 'it exited with status 7'],
    [
      'closes its connection',
      'process.disconnect(); await new Promise(() => setInterval(() => 0, 1000));',
      'it closed its connection to the server',
    ],
    [
      'throws where nobody catches',
      'setTimeout(() => { throw new TypeError("late"); }); await new Promise(() => 0);',
      'uncaught TypeError: late',
    ],
    [
      'throws nothing where nobody catches',
      'setTimeout(() => { throw undefined; }); await new Promise(() => 0);',
      'uncaught undefined: Not an error was thrown but undefined',
    ],
    [
      'forgets a promise that fails',
      'void Promise.reject(new RangeError("lost")); await new Promise(() => 0);',
      'a promise failed that nothing waited for: RangeError: lost',
    ],
    [
      'forgets a promise that fails at its very end',
      'void Promise.reject(new RangeError("lost")); return 1;',
      'a promise failed that nothing waited for: RangeError: lost',
    ],
    [
      'runs out of memory',
      'const all = []; for (;;) all.push(new Array(1e5).fill(Math.random()));',
      'it ran out of memory',
    ],
  ])('%s and is the only one lost', async (_, text, reason) => {
    expect(await harness.script(pool, text)).toEqual(died(reason));
    expect(await harness.script(pool, 'return "alive"')).toEqual(returned('alive'));
  });

  it('is ended after the grace time when it loops for ever, though it ignores SIGTERM', async () => {
    const { session, context } = await harness.openScript(
      pool,
      'process.on("SIGTERM", () => 0); this.setProgress(0); for (;;);',
    );
    const outcome = session.run();
    await until(() => context.progress.length > 0);
    context.controller.abort();
    session.abort();
    expect(await outcome).toEqual(died('it did not stop within 0.3 s of being told to'));
    expect(session.isAlive).toBe(false);
    expect(await session.rollback()).toMatchObject({ kind: 'died' });
    await session.close();
  });

  it('is ended at once when its abort says that it cannot stop', async () => {
    const { session, context } = await harness.openScript(
      pool,
      'this.onAbort = () => false; this.setProgress(0); await new Promise(() => 0);',
    );
    const outcome = session.run();
    await until(() => context.progress.length > 0);
    session.abort();
    expect(await outcome).toEqual(died('its abort() said that it cannot stop'));
    await session.close();
  });

  const SLEEPER = `const { spawn } = load('node:child_process');
    this.setProgress(1, String(spawn('sleep', ['1000']).pid));`;

  it('is ended by force when the engine says so, with what it has started', async () => {
    const { session, context } = await harness.openScript(pool, `${SLEEPER} for (;;);`);
    const outcome = session.run();
    await until(() => context.progress.length > 0);
    const sleeper = Number(context.progress[0]?.message);
    expect(isGone(sleeper)).toBe(false);
    session.kill('its time is over');
    expect(await outcome).toEqual(died('its time is over'));
    await until(() => isGone(sleeper));
    await session.close();
  });

  it('takes what it has started with it when it crashes', async () => {
    const { session, context } = await harness.openScript(
      pool,
      `${SLEEPER} setTimeout(() => process.abort(), 50); await new Promise(() => 0);`,
    );
    expect(await session.run()).toMatchObject({ kind: 'died' });
    await until(() => isGone(Number(context.progress[0]?.message)));
    await session.close();
  });
});

describe('A plugin that cannot be loaded in another process', () => {
  let harness: ExecutorHarness;
  beforeEach(() => (harness = new ExecutorHarness()));
  afterEach(() => harness.dispose());
  const OVER_THERE = `process.argv[1].includes('task-worker')`;

  it.each([
    [
      `execSync('kill -9 ' + process.pid);`,
      'Task executor died while loading the plugin: it was ended by SIGKILL',
    ],
    [
      'process.exit(3);',
      'Plugin one could not be loaded in a task executor: Error: A plugin may not end the process: it called process.exit()',
    ],
  ])('fails to open when the plugin ends over there: %s', async (end, reason) => {
    harness.write(
      'one/index.ts',
      `import { execSync } from 'node:child_process';
       import { Plugin, Task, task } from 'dispatcher';
       if (${OVER_THERE}) { ${end} }
       @task('x') export class X extends Task { verify() { return []; } run() { return 1; } }
       @Plugin({ providers: [X] }) export default class {}`,
    );
    await harness.host.start();
    await expect(harness.pool().open(harness.assignment(), { signal: never() })).rejects.toThrow(
      reason,
    );
  });
});

describe('What a task leaves behind', () => {
  const harness = new ExecutorHarness();
  let pool: ExecutorPool;
  beforeAll(async () => {
    await harness.scripts();
    pool = harness.pool({ max: 1 });
  });
  afterAll(() => harness.dispose());

  const pidAfter = async (text: string): Promise<unknown> => {
    const outcome = await harness.script(pool, `${text}; return process.pid;`);
    return outcome.kind === 'returned' ? outcome.value : outcome;
  };

  it.each([
    ['a timer', 'setInterval(() => this.setProgress(99), 5)'],
    ['a server', 'load("node:net").createServer().listen(0)'],
    ['a process', 'load("node:child_process").spawn("sleep", ["1000"])'],
  ])('costs its process when it would go on: %s', async (_, text) => {
    const first = await pidAfter('');
    expect(await pidAfter('')).toBe(first);
    expect(await pidAfter(text)).toBe(first);
    expect(await pidAfter('')).not.toBe(first);
  });

  const LATE = `console.log('late'); console.error('late'); this.setProgress(99);
    this.logger.info('late'); this.addWarning(5, 'late');`;

  it('reaches neither the output nor the progress of the next task in that process', async () => {
    const first = await pidAfter(
      `globalThis.late = 0; setInterval(() => { ${LATE} globalThis.late += 1; }, 1).unref()`,
    );
    const context = new FakeContext(2);
    let output = '';
    const outcome = await harness.script(
      pool,
      `const enough = globalThis.late + 5;
       while (globalThis.late < enough) await new Promise((resolve) => setImmediate(resolve));
       console.log("mine"); return process.pid;`,
      { context, onOutput: (text) => (output += text) },
    );
    expect(outcome).toEqual({ kind: 'returned', value: first });
    expect(output).toBe('mine\n');
    expect([...context.progress, ...context.warnings]).toEqual([]);
  });

  it('fails alone: the next task is not lost by it, and the process is replaced', async () => {
    const first = await pidAfter(
      `setInterval(() => this.dispatcher.emitEvent('late', {}), 1).unref();
       setTimeout(() => {
         void Promise.reject(new Error('late'));
         globalThis.hasFailed = true;
       }, 20).unref()`,
    );
    const during = await pidAfter(
      `const turn = () => new Promise((resolve) => setImmediate(resolve));
       while (globalThis.hasFailed !== true) await turn();
       await turn();`,
    );
    expect(during).toBe(first);
    expect(await pidAfter('')).not.toBe(first);
  });
});
