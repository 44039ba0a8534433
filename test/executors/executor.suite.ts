import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Errno, Password, RpcException } from '../../src/common/index.js';
import type { RunOutcome, TaskExecutor } from '../../src/tasks/index.js';
import { ExecutorHarness, FakeContext, never } from './executor.harness.js';

/** What holds for every executor, wherever it runs a task. */
export function describeExecutor(
  name: string,
  create: (harness: ExecutorHarness) => TaskExecutor,
): void {
  describe(`${name}: an executor`, () => {
    let harness: ExecutorHarness;
    let executor: TaskExecutor;

    beforeEach(() => {
      harness = new ExecutorHarness();
      executor = create(harness);
    });
    afterEach(() => harness.dispose());

    const failureOf = (outcome: RunOutcome) => {
      if (outcome.kind !== 'threw') throw new Error(`It ${outcome.kind}`);
      return outcome.failure;
    };

    it('gives the task its arguments, identity and environment, and its result back', async () => {
      await harness.task('return { args, id: this.id, user: this.user, env: this.environment }');
      const context = new FakeContext(7, { LANG: 'de', since: new Date(5) });
      const outcome = await harness.run(executor, {
        args: ['a', new Date(5), 2n ** 60n, Buffer.from('b'), { n: null }],
        context,
      });
      expect(outcome).toEqual({
        kind: 'returned',
        value: {
          args: ['a', new Date(5), 2n ** 60n, Buffer.from('b'), { n: null }],
          id: 7,
          user: 'jdoe',
          env: { ID: 7, LANG: 'de', since: new Date(5) },
        },
      });
    });

    it('hands a password over readable, and a result of nothing as null', async () => {
      await harness.task('return args[0]?.reveal()');
      expect(await harness.run(executor, { args: [new Password('s3cret')] })).toEqual({
        kind: 'returned',
        value: 's3cret',
      });
      expect(await harness.run(executor, { args: [] })).toEqual({ kind: 'returned', value: null });
    });

    it('keeps class, code, message, extra and retryability of what was thrown', async () => {
      await harness.plugin(
        'one',
        `class Mine extends TypeError {}
         const thrown = {
           task: () => new TaskException(Errno.EBUSY, 'is busy', { path: [1] }),
           retry: () => new RetryableException(Errno.EAGAIN, 'once more'),
           other: () => new Mine('broken'),
         };
         @task('x') export class X extends Task {
           verify() { return []; }
           run(which: string) { throw thrown[which](); }
         }`,
        'X',
      );
      const failure = async (which: string) =>
        failureOf(await harness.run(executor, { args: [which] }));
      expect(await failure('task')).toMatchObject({
        type: 'TaskException',
        code: 16,
        message: 'is busy',
        extra: { path: [1] },
      });
      expect(await failure('retry')).toMatchObject({ message: 'once more', isRetryable: true });
      const other = await failure('other');
      expect(other).toMatchObject({ type: 'Mine', code: 14, message: 'broken' });
      expect(other.stacktrace).toContain('index.ts');
      expect(other).not.toHaveProperty('isRetryable');
    });

    it.each([
      ['undefined', 'undefined'],
      ['null', 'null'],
      ['"a word"', 'string'],
      ['42', 'number'],
      ['Symbol("s")', 'symbol'],
      ['new Proxy({}, { get() { throw new Error("trap"); }, has() { throw 1; } })', 'Object'],
      ['new Proxy(new Error("x"), { getPrototypeOf() { throw 1; } })', 'Error'],
      ['{ get message() { throw new Error("no"); }, get stack() { throw 1; } }', 'Object'],
      ['Object.assign(Object.create(null), { a: 1 })', 'Object'],
    ])('reports %s that is thrown', async (thrown, type) => {
      await harness.task(`throw (${thrown})`);
      const failure = failureOf(await harness.run(executor));
      expect(failure).toMatchObject({ type, code: 14 });
      expect(typeof failure.message).toBe('string');
    });

    it.each([
      ['a cycle', 'const a: any = {}; a.a = a; return a;'],
      ['a function', 'return () => 1;'],
      ['a symbol', 'return Symbol("s");'],
      ['a getter that throws', 'return { get a() { throw new Error("no"); } };'],
      ['a toJSON that throws', 'return { toJSON() { throw new Error("no"); } };'],
      ['a toJSON with a bigint', 'return { toJSON: () => ({ a: 1n }) };'],
      ['an extended value that is none', 'return { $date: "never" };'],
      ['a revoked proxy', 'const p = Proxy.revocable({}, {}); p.revoke(); return p.proxy;'],
    ])('reports a result without JSON form: %s', async (_, run) => {
      await harness.task(run);
      expect(failureOf(await harness.run(executor))).toMatchObject({ type: 'TypeError', code: 14 });
      expect((await harness.run(executor)).kind).toBe('threw');
    });

    it('takes the first of the results of a run that resolves twice', async () => {
      await harness.task('return { then(resolve: any) { resolve(1); resolve(2); throw 3; } };');
      expect(await harness.run(executor)).toEqual({ kind: 'returned', value: 1 });
    });

    it('runs rollback on the instance that ran, or on a new one when nothing ran', async () => {
      await harness.task(
        'this.setProgress(1); (this as any).done = args[0]; throw new Error("half way");',
        'rollback(what: string) { this.addWarning(5, `${what} ${String((this as any).done)}`); }',
      );
      const context = new FakeContext();
      const assignment = harness.assignment({ args: ['a'], context });
      const first = await executor.open(assignment, { signal: never() });
      expect((await first.run()).kind).toBe('threw');
      expect(await first.rollback()).toEqual({ kind: 'returned', value: null });
      await first.close();
      const second = await executor.open(assignment, { signal: never() });
      await second.rollback();
      await second.close();
      expect(context.warnings.map(({ message }) => message)).toEqual(['a a', 'a undefined']);
    });

    it('has nothing to roll back for a task without rollback', async () => {
      await harness.task('return 1');
      const session = await executor.open(harness.assignment(), { signal: never() });
      expect(await session.rollback()).toEqual({ kind: 'returned', value: null });
      await session.close();
    });

    it('fires the signal and calls abort once when the task is to stop', async () => {
      await harness.task(
        `this.setProgress(1);
         await new Promise((resolve) => this.signal.addEventListener('abort', resolve));
         return (this as any).asked;`,
        'abort() { (this as any).asked = ((this as any).asked ?? 0) + 1; return true; }',
      );
      const context = new FakeContext();
      const session = await executor.open(harness.assignment({ context }), { signal: never() });
      const outcome = session.run();
      await expect.poll(() => context.progress.length).toBe(1);
      context.controller.abort();
      session.abort();
      session.abort();
      expect(await outcome).toEqual({ kind: 'returned', value: 1 });
      await session.close();
    });

    it('notes an abort that throws, and lets the task end all the same', async () => {
      await harness.task(
        `this.setProgress(1);
         await new Promise((resolve) => this.signal.addEventListener('abort', resolve));
         return 'ended';`,
        'abort(): boolean { throw new Error("cannot"); }',
      );
      const context = new FakeContext();
      const session = await executor.open(harness.assignment({ context }), { signal: never() });
      const outcome = session.run();
      await expect.poll(() => context.progress.length).toBe(1);
      context.controller.abort();
      session.abort();
      expect(await outcome).toEqual({ kind: 'returned', value: 'ended' });
      expect(context.warnings).toEqual([{ code: 14, message: 'abort() failed: cannot' }]);
      await session.close();
    });

    it('does not open for a task that is not wanted any more', async () => {
      await harness.task('return 1');
      const signal = AbortSignal.abort(new Error('too late'));
      await expect(executor.open(harness.assignment(), { signal })).rejects.toThrow('too late');
    });

    it('makes an instance with the injection of its plugin', async () => {
      await harness.plugin(
        'one',
        `@Injectable() class Helper { greet(name: string) { return 'hello ' + name; } }
         @task('x') export class X extends Task {
           constructor(private readonly helper: Helper) { super(); }
           verify() { return []; }
           run(name: string) { return this.helper.greet(name); }
         }`,
        'X, Helper',
      );
      expect(await harness.run(executor, { args: ['you'] })).toEqual({
        kind: 'returned',
        value: 'hello you',
      });
    });

    it('tells progress and warnings as the task says them, the last one always', async () => {
      await harness.task(
        `this.setProgress(10, 'begun', { a: 1 });
         this.addWarning(Errno.EBUSY, 'slow', { by: 2 });
         for (let i = 11; i <= 90; i += 1) this.setProgress(i);
         return 'done';`,
      );
      const context = new FakeContext();
      await harness.run(executor, { context });
      expect(context.progress[0]).toEqual({ percentage: 10, message: 'begun', extra: { a: 1 } });
      expect(context.progress.at(-1)).toEqual({ percentage: 90, message: null, extra: null });
      expect(context.warnings).toEqual([{ code: 16, message: 'slow', extra: { by: 2 } }]);
    });

    it('starts subtasks, joins them in order and passes on their failures', async () => {
      await harness.task(
        `const a = this.runSubtask('double', 1).withProgress(0, 50);
         const b = this.runSubtask('double', 2);
         const joined = await this.joinSubtasks(b, a);
         const sync = await this.dispatcher.callTaskSync('double', 4);
         const claims = await this.verifySubtask('double', 'disk');
         const stopped = await a.abort();
         const failed = await this.runSubtaskSync('fail').catch((e: any) => [e.constructor.name, e.code, e.message, e.extra]);
         const unknown = await this.runSubtaskSync('unknown').catch((e: any) => e.message);
         return { joined, sync, claims, stopped, failed, unknown };`,
      );
      const context = new FakeContext();
      context.subtasks.set('double', (n) => (n as number) * 2);
      context.subtasks.set('fail', () => {
        throw new RpcException(Errno.ENOSPC, 'disk full', { free: 0 });
      });
      expect(await harness.run(executor, { context })).toEqual({
        kind: 'returned',
        value: {
          joined: [4, 2],
          sync: 8,
          claims: ['double:disk'],
          stopped: true,
          failed: ['RpcException', 28, 'disk full', { free: 0 }],
          unknown: 'Unknown task type unknown',
        },
      });
      expect(context.started[0]).toEqual({
        name: 'double',
        args: [1],
        slice: { from: 0, to: 50 },
      });
    });
  });
}
