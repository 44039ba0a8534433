import { availableParallelism } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExecutorPool, RunOutcome, TaskSession } from '../../src/tasks/index.js';
import type { ExecutorRow } from '../../src/wire/index.js';
import { VirtualClock } from '../../src/testing/index.js';
import { ExecutorHarness, FakeContext, isGone, never, until } from './executor.harness.js';

const PID = 'return process.pid;';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 }); // processes start slowly on a busy machine

let harness: ExecutorHarness;
beforeEach(async () => {
  harness = new ExecutorHarness();
  await harness.scripts();
});
afterEach(() => harness.dispose());

const rows = (pool: ExecutorPool, state: ExecutorRow['state']): ExecutorRow[] =>
  pool.list().filter((row) => row.state === state);
const idle = (pool: ExecutorPool, count: number): Promise<void> =>
  until(() => rows(pool, 'idle').length === count && pool.list().length === count);
const valueOf = (outcome: RunOutcome): unknown =>
  outcome.kind === 'returned' ? outcome.value : outcome;

/** A task that runs until `end`. */
class Running {
  readonly context: FakeContext;
  #session: TaskSession | null = null;

  private constructor(id: number) {
    this.context = new FakeContext(id);
  }

  static async start(pool: ExecutorPool, id: number, isSubtask = false): Promise<Running> {
    const running = new Running(id);
    const text = `this.setProgress(1, String(process.pid));
      await new Promise((resolve) => this.signal.addEventListener('abort', resolve));`;
    const { context } = running;
    const assignment = harness.assignment({ name: 'script', args: [text], context, isSubtask });
    const session = await pool.open(assignment, { signal: never() });
    running.#session = session;
    void session.run().then(() => session.close());
    await until(() => context.progress.length > 0);
    return running;
  }

  get pid(): number {
    return Number(this.context.progress[0]?.message);
  }

  end(): void {
    this.#session?.abort();
  }
}

describe('The pool of executors', () => {
  it('starts its processes ahead, keeps them and says what they do', async () => {
    const pool = harness.pool({ min: 2, max: 3 });
    expect(pool.list()).toEqual([]);
    pool.start();
    expect(rows(pool, 'starting')).toHaveLength(2);
    await idle(pool, 2);
    const running = await Running.start(pool, 7);
    expect(pool.list()).toMatchObject([
      { index: 1, state: 'executing', task: 7, pid: running.pid },
      { index: 2, state: 'idle', task: null },
    ]);
    running.end();
    await idle(pool, 2);
    process.kill(running.pid, 'SIGKILL');
    await until(() => !pool.list().some(({ pid }) => pid === running.pid));
    await idle(pool, 2);
  });

  it('uses the process again that has the code already', async () => {
    const pool = harness.pool({ min: 2, max: 2 });
    pool.start();
    await idle(pool, 2);
    const pids = new Set<unknown>();
    for (let n = 0; n < 5; n += 1) pids.add(valueOf(await harness.script(pool, PID)));
    expect(pids.size).toBe(1);
  });

  it('serves those who wait in the order in which they came', async () => {
    const pool = harness.pool({ min: 1, max: 1 });
    const running = await Running.start(pool, 1);
    const order: number[] = [];
    const others = [2, 3, 4].map(async (id) => {
      await harness.script(pool, PID, { context: new FakeContext(id) });
      order.push(id);
    });
    running.end();
    await Promise.all(others);
    expect(order).toEqual([2, 3, 4]);
  });

  it('forgets who does not want to wait any longer', async () => {
    const pool = harness.pool({ min: 1, max: 1 });
    const running = await Running.start(pool, 1);
    const impatient = new AbortController();
    const assignment = harness.assignment({ name: 'script', args: [PID] });
    const opening = pool.open(assignment, { signal: impatient.signal });
    impatient.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
    running.end();
    expect(await harness.script(pool, PID)).toMatchObject({ kind: 'returned' });
  });

  it('gives a subtask a process at once, beyond the bound, and lets go of it afterwards', async () => {
    const pool = harness.pool({ min: 1, max: 1 });
    const parent = await Running.start(pool, 1);
    const waiting = harness.script(pool, PID, { context: new FakeContext(2) });
    const subtask = await Running.start(pool, 3, true);
    const grandchild = await Running.start(pool, 4, true);
    expect(rows(pool, 'executing').map(({ task }) => task)).toEqual([1, 3, 4]);
    grandchild.end();
    subtask.end();
    await until(() => pool.list().length === 1 && isGone(subtask.pid));
    parent.end();
    expect(valueOf(await waiting)).toBe(parent.pid);
  });

  it('grows to its bound for those who wait longer, and shrinks when nobody does', async () => {
    const clock = new VirtualClock();
    const pool = harness.pool({ min: 1, max: 3, clock, idleMs: 60_000, growAfterMs: 25 });
    pool.start();
    await idle(pool, 1);
    const first = await Running.start(pool, 1);
    const others = [2, 3, 4].map((id) => Running.start(pool, id));
    expect(pool.list()).toHaveLength(1);
    await clock.advance(25);
    expect(pool.list()).toHaveLength(3);
    const [second, third] = await Promise.all(others.slice(0, 2));
    first.end();
    const fourth = await others[2]!;
    expect(fourth.pid).toBe(first.pid);
    for (const running of [second!, third!, fourth]) running.end();
    await idle(pool, 3);
    await clock.advance(59_000);
    expect(rows(pool, 'idle')).toHaveLength(3);
    await clock.advance(1_000);
    await idle(pool, 1);
  });

  it('starts nothing that nobody uses: ahead from the first task on, until none has come for long', async () => {
    const clock = new VirtualClock();
    const pool = harness.lazyPool({ max: 3, clock, restMs: 600_000 });
    const kept = Math.min(3, Math.max(2, availableParallelism()));
    pool.start();
    pool.retire('scripts');
    expect(pool.list()).toEqual([]);
    const first = await Running.start(pool, 1);
    await until(() => pool.list().length === kept);
    first.end();
    await idle(pool, kept);
    await clock.advance(599_000);
    const second = await Running.start(pool, 2);
    second.end();
    await idle(pool, kept);
    await clock.advance(599_000);
    expect(rows(pool, 'idle')).toHaveLength(kept);
    await clock.advance(1_000);
    await until(() => pool.list().length === 0);
    pool.retire('scripts');
    expect(pool.list()).toEqual([]);
    expect(await harness.script(pool, PID)).toMatchObject({ kind: 'returned' });
  });

  it('replaces a process that has run its number of tasks', async () => {
    const pool = harness.pool({ min: 1, max: 1, maxRuns: 2 });
    const pids: unknown[] = [];
    for (let n = 0; n < 4; n += 1) pids.push(valueOf(await harness.script(pool, PID)));
    expect(pids[1]).toBe(pids[0]);
    expect(pids[2]).not.toBe(pids[0]);
    expect(pids[3]).toBe(pids[2]);
  });

  it('replaces a process that has grown too large', async () => {
    const pool = harness.pool({ min: 1, max: 1, maxResidentBytes: 1 });
    const first = valueOf(await harness.script(pool, PID));
    expect(valueOf(await harness.script(pool, PID))).not.toBe(first);
  });

  it('ends everything when it closes, whatever runs, and takes nothing any more', async () => {
    const pool = harness.pool({ min: 2, max: 2, killAfterMs: 200 });
    pool.start();
    await idle(pool, 2);
    const { session, context } = await harness.openScript(
      pool,
      'process.on("SIGTERM", () => 0); this.setProgress(1); for (;;);',
    );
    const outcome = session.run();
    await until(() => context.progress.length > 0);
    const other = await Running.start(pool, 2);
    const waiting = pool.open(harness.assignment({ name: 'script' }), { signal: never() });
    waiting.catch(() => undefined);
    const pids = pool.list().map(({ pid }) => pid!);
    await pool.close();
    expect(pids.map(isGone)).toEqual([true, true]);
    expect(pids).toContain(other.pid);
    expect(await outcome).toEqual({ kind: 'died', reason: 'the server is shutting down' });
    await expect(waiting).rejects.toThrow('Task executors are being shut down');
    const assignment = harness.assignment({ name: 'script' });
    await expect(pool.open(assignment, { signal: never() })).rejects.toThrow('shut down');
    expect(pool.list()).toEqual([]);
  });
});

describe('Code in executors', () => {
  const VERSION = (n: number, more = ''): string => `
    import { Plugin, Task, task } from 'dispatcher';
    import { text } from './text';
    import words from './words.json';
    ${more}
    @task('x') export class X extends Task {
      verify() { return []; }
      async run() { return [${n}, text, words[0], process.pid, (await import('./late.js')).late]; }
    }
    @Plugin({ providers: [X] }) export default class {}`;

  const write = (n: number): void => {
    harness.write('one/index.ts', VERSION(n));
    harness.write('one/text.ts', `export const text = 'text ${n}';`);
    harness.write('one/words.json', `["word ${n}"]`);
    harness.write('one/late.ts', `export const late = 'late';`);
  };
  const run = async (pool: ExecutorPool): Promise<unknown[]> =>
    valueOf(await harness.run(pool)) as unknown[];

  it('is what the server has loaded, whatever the disk says by then', async () => {
    write(1);
    await harness.host.reload();
    write(2);
    harness.remove('one/text.ts');
    harness.write('one/text/index.ts', 'export const text = "other";');
    const pool = harness.pool();
    expect((await run(pool)).slice(0, 3)).toEqual([1, 'text 1', 'word 1']);
  });

  it('is never of two generations in one process, though running tasks finish on theirs', async () => {
    write(1);
    await harness.host.reload();
    const pool = harness.pool({ min: 1, max: 1 });
    const [, , , first] = await run(pool);
    const running = await Running.start(pool, 9);
    expect(running.pid).toBe(first);
    write(2);
    await harness.host.reload(['one']);
    pool.retire('one');
    expect(rows(pool, 'executing').map(({ pid }) => pid)).toEqual([first]);
    const waiting = run(pool);
    running.end();
    const [version, text, , second] = await waiting;
    expect([version, text]).toEqual([2, 'text 2']);
    expect(second).not.toBe(first);
    await until(() => isGone(first as number));
  });

  it('makes an idle process go when its plugin is loaded again', async () => {
    write(1);
    await harness.host.reload();
    const pool = harness.pool({ min: 1, max: 2 });
    const [, , , first] = await run(pool);
    await harness.script(pool, PID);
    write(2);
    await harness.host.reload(['one']);
    pool.retire('one');
    await until(() => isGone(first as number));
    expect((await run(pool))[0]).toBe(2);
  });

  it('may leave the old code to a process that nobody retired, but not for new tasks', async () => {
    write(1);
    await harness.host.reload();
    const pool = harness.pool({ min: 1, max: 1 });
    const [, , , first] = await run(pool);
    write(2);
    await harness.host.reload(['one']);
    const [version, , , second] = await run(pool);
    expect(version).toBe(2);
    expect(second).not.toBe(first);
  });

  it('runs the code that it was given for, though the plugin was reloaded while it waited for a process', async () => {
    write(1);
    await harness.host.reload();
    const pool = harness.pool({ min: 1, max: 1 });
    const running = await Running.start(pool, 1);
    const opening = pool.open(harness.assignment(), { signal: never() });
    write(2);
    await harness.host.reload(['one']);
    running.end();
    const session = await opening;
    expect((valueOf(await session.run()) as unknown[])[0]).toBe(1);
    await session.close();
  });

  it('finds classes that init registers by hand when their file exports them', async () => {
    harness.write(
      'hand/index.ts',
      `import { Dispatcher, Plugin, Task } from 'dispatcher';
       export class Hand extends Task { verify() { return []; } run() { return 'by hand'; } }
       class Hidden extends Task { verify() { return []; } run() { return 'hidden'; } }
       @Plugin({}) export default class {
         constructor(private readonly dispatcher: Dispatcher) {}
         async init() {
           await this.dispatcher.registerTaskHandler('hand', Hand);
           await this.dispatcher.registerTaskHandler('hidden', Hidden);
         }
       }`,
    );
    await harness.host.reload();
    const pool = harness.pool();
    expect(valueOf(await harness.run(pool, { name: 'hand' }))).toBe('by hand');
    const hidden = await harness.run(pool, { name: 'hidden' });
    if (hidden.kind !== 'threw') throw new Error(hidden.kind);
    expect(hidden.failure.message).toMatch(/^Class Hidden of task hidden cannot be found/);
  });

  it('has its classes injected, and runs neither init nor cleanup nor event sources', async () => {
    harness.write(
      'inject/index.ts',
      `import { Dispatcher, EventSource, eventSource, Plugin, Provider, provider, Task, task } from 'dispatcher';
       import { Injectable } from '@nestjs/common';
       const calls: string[] = [];
       @Injectable() export class Helper {
         constructor(readonly dispatcher: Dispatcher) {}
         ask() { return this.dispatcher.callSync('inject.here'); }
       }
       @provider('inject') export class Here extends Provider {}
       @eventSource('inject.source') export class Source extends EventSource { async run() { calls.push('source'); } }
       @task('inject') export class Injected extends Task {
         constructor(private readonly helper: Helper) { super(); }
         verify() { return []; }
         async run() { return [calls, await this.helper.ask().catch((e) => e.message)]; }
       }
       @Plugin({ providers: [Helper, Here, Source, Injected] }) export default class {
         init() { calls.push('init'); }
         cleanup() { calls.push('cleanup'); }
       }`,
    );
    await harness.host.reload();
    const outcome = await harness.run(harness.pool(), { name: 'inject' });
    expect(valueOf(outcome)).toEqual([[], 'Method not found']);
  });

  it.each([
    ['throws', 'throw new Error("not here")', 'Error: not here'],
    ['lacks an injectable', 'unknown', 'Nest can'],
  ])('that %s over there fails the task as it opens', async (_, what, message) => {
    harness.write(
      'half/index.ts',
      `import { Plugin, Task, task } from 'dispatcher';
       import { Inject, Injectable, Optional } from '@nestjs/common';
       const isExecutor = process.argv[1].includes('task-worker');
       if (isExecutor && ${String(what !== 'unknown')}) { ${what === 'unknown' ? '' : what} }
       @Injectable() class Helper { constructor(@Inject(isExecutor ? 'unknown' : Helper2) x: unknown) {} }
       function Helper2() {}
       @task('half') export class Half extends Task { verify() { return []; } run() { return 1; } }
       @Plugin({ providers: [Half, Helper, { provide: Helper2, useValue: 1 }] as any }) export default class {}`,
    );
    await harness.host.reload();
    const pool = harness.pool({ min: 1, max: 1 });
    await expect(harness.run(pool, { name: 'half' })).rejects.toThrow(
      `Plugin half could not be loaded in a task executor: `,
    );
    await expect(harness.run(pool, { name: 'half' })).rejects.toThrow(message);
    expect(await harness.script(pool, PID)).toMatchObject({ kind: 'returned' });
  });
});
