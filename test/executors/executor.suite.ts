import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Errno, Password, RpcException } from '../../src/common/index.js';
import type { RunOutcome, TaskExecutor } from '../../src/tasks/index.js';
import { ExecutorHarness, FakeContext, until } from './executor.harness.js';

/** What holds for every executor, wherever it runs a task. */
export function describeExecutor(
  name: string,
  create: (harness: ExecutorHarness) => TaskExecutor,
): void {
  describe(`${name}: an executor`, () => {
    const harness = new ExecutorHarness();
    let executor: TaskExecutor;
    beforeAll(async () => {
      await harness.scripts();
      executor = create(harness);
    });
    afterAll(() => harness.dispose());

    const run = (text: string, args: readonly unknown[] = []): Promise<RunOutcome> =>
      harness.script(executor, text, { args });
    const returned = (value: unknown): RunOutcome => ({ kind: 'returned', value });
    const failure = async (text: string) => {
      const outcome = await run(text);
      if (outcome.kind !== 'threw') throw new Error(`It ${outcome.kind}`);
      return outcome.failure;
    };

    it('gives the task its arguments, identity and environment, and its result back', async () => {
      const args = ['a', new Date(5), 2n ** 60n, Buffer.from('b'), { n: null }];
      const context = new FakeContext(7, { LANG: 'de', since: new Date(5) });
      const outcome = await harness.script(
        executor,
        'return { args, id: this.id, user: this.user, env: this.environment }',
        { args, context },
      );
      const env = { ID: 7, LANG: 'de', since: new Date(5) };
      expect(outcome).toEqual(returned({ args, id: 7, user: 'jdoe', env }));
    });

    it('hands a password over readable, and a result of nothing as null', async () => {
      const secret = new Password('s3cret');
      expect(await run('return args[0].reveal()', [secret])).toEqual(returned('s3cret'));
      expect(await run('')).toEqual(returned(null));
    });

    it('keeps class, code, message, extra and retryability of what was thrown', async () => {
      expect(
        await failure('throw new sdk.TaskException(16, "is busy", { path: [1] })'),
      ).toMatchObject({
        type: 'TaskException',
        code: 16,
        message: 'is busy',
        extra: { path: [1] },
      });
      expect(await failure('throw new sdk.RetryableException(11, "again")')).toMatchObject({
        message: 'again',
        isRetryable: true,
      });
      const other = await failure('class Mine extends TypeError {}; throw new Mine("broken")');
      expect(other).toMatchObject({ type: 'Mine', code: 14, message: 'broken' });
      expect(other.stacktrace).toContain('scripts/index.ts');
      expect(other).not.toHaveProperty('isRetryable');
    });

    it('hides a password in what was thrown', async () => {
      const text = 'throw new sdk.TaskException(16, "no", { word: new sdk.Password("s3cret") })';
      expect(JSON.stringify(await failure(text))).not.toContain('s3cret');
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
      ['new sdk.TaskException("no number", 5, 1n)', 'TaskException'],
    ])('reports %s that is thrown', async (thrown, type) => {
      const reported = await failure(`throw (${thrown})`);
      expect(reported).toMatchObject({ type, code: 14 });
      expect(typeof reported.message).toBe('string');
    });

    it('shortens a message of megabytes', async () => {
      expect((await failure('throw "x".repeat(5e6)')).message.length).toBeLessThan(100_000);
    });

    it.each([
      ['a cycle', 'const a = {}; a.a = a; return a;'],
      ['a function', 'return () => 1;'],
      ['a symbol', 'return Symbol("s");'],
      ['a getter that throws', 'return { get a() { throw new Error("no"); } };'],
      ['a toJSON that throws', 'return { toJSON() { throw new Error("no"); } };'],
      ['a toJSON with a bigint', 'return { toJSON: () => ({ a: 1n }) };'],
      ['an extended value that is none', 'return { $date: "never" };'],
      ['a revoked proxy', 'const p = Proxy.revocable({}, {}); p.revoke(); return [p.proxy];'],
    ])('reports a result without JSON form: %s', async (_, text) => {
      expect(await failure(text)).toMatchObject({ type: 'TypeError', code: 14 });
    });

    it('takes the first of the results of a run that resolves twice', async () => {
      const text = 'return { then(resolve) { resolve(1); resolve(2); throw 3; } };';
      expect(await run(text)).toEqual(returned(1));
    });

    it('runs rollback on the instance that ran, or on a new one when nothing ran', async () => {
      const text = `if (!this.isBack) { this.done = 'half'; throw new Error('fails'); }
                    this.addWarning(5, String(this.done));`;
      const first = await harness.openScript(executor, text);
      expect((await first.session.run()).kind).toBe('threw');
      expect(await first.session.rollback()).toEqual(returned(null));
      await first.session.close();
      const second = await harness.openScript(executor, text);
      await second.session.rollback();
      await second.session.close();
      const warnings = [...first.context.warnings, ...second.context.warnings];
      expect(warnings.map(({ message }) => message)).toEqual(['half', 'undefined']);
    });

    const WAITS = `this.setProgress(1);
      await new Promise((resolve) => this.signal.addEventListener('abort', resolve));
      return this.asked;`;

    async function abort(text: string): Promise<{ outcome: RunOutcome; context: FakeContext }> {
      const { session, context } = await harness.openScript(executor, text + WAITS);
      const outcome = session.run();
      await until(() => context.progress.length > 0);
      context.controller.abort();
      session.abort();
      session.abort();
      const settled = await outcome;
      await session.close();
      return { outcome: settled, context };
    }

    it('fires the signal and calls abort once when the task is to stop', async () => {
      const { outcome } = await abort('this.asked = 0; this.onAbort = () => { this.asked += 1; };');
      expect(outcome).toEqual(returned(1));
    });

    it.each([
      ['throws', 'throw new Error("cannot")'],
      ['rejects', 'return Promise.reject(new Error("cannot"))'],
    ])('notes an abort that %s, and lets the task end all the same', async (_, says) => {
      const { outcome, context } = await abort(`this.onAbort = () => { ${says} };`);
      expect(outcome).toEqual(returned(null));
      expect(context.warnings).toEqual([{ code: 14, message: 'abort() failed: cannot' }]);
    });

    it('does not open for a task that is not wanted any more', async () => {
      const signal = AbortSignal.abort(new Error('too late'));
      const assignment = harness.assignment({ name: 'script', args: ['return 1'] });
      await expect(executor.open(assignment, { signal })).rejects.toThrow('too late');
    });

    it('tells progress and warnings as the task says them, the last one always', async () => {
      const context = new FakeContext();
      await harness.script(
        executor,
        `this.setProgress(10, 'begun', { a: 1 });
         this.addWarning(16, 'slow', { by: 2 });
         for (let i = 11; i <= 90; i += 1) this.setProgress(i);`,
        { context },
      );
      expect(context.progress[0]).toEqual({ percentage: 10, message: 'begun', extra: { a: 1 } });
      expect(context.progress.at(-1)).toEqual({ percentage: 90, message: null, extra: null });
      expect(context.warnings).toEqual([{ code: 16, message: 'slow', extra: { by: 2 } }]);
    });

    it('starts subtasks, joins them in order and passes on their failures', async () => {
      const context = new FakeContext();
      context.subtasks.set('double', (n) => (n as number) * 2);
      context.subtasks.set('fail', () => {
        throw new RpcException(Errno.ENOSPC, 'disk full', { free: 0 });
      });
      const outcome = await harness.script(
        executor,
        `const a = this.runSubtask('double', 1).withProgress(0, 50);
         const b = this.runSubtask('double', 2);
         const caught = (e) => [e instanceof sdk.RpcException, e.code, e.message, e.extra];
         return {
           joined: await this.joinSubtasks(b, a),
           sync: await this.dispatcher.callTaskSync('double', 4),
           claims: await this.verifySubtask('double', 'disk'),
           stopped: await a.abort(),
           failed: await this.runSubtaskSync('fail').catch(caught),
           unknown: await this.runSubtaskSync('unknown').catch((e) => e.message),
         };`,
        { context },
      );
      expect(outcome).toEqual(
        returned({
          joined: [4, 2],
          sync: 8,
          claims: ['double:disk'],
          stopped: true,
          failed: [true, 28, 'disk full', { free: 0 }],
          unknown: 'Unknown task type unknown',
        }),
      );
      const slice = { from: 0, to: 50 };
      expect(context.started[0]).toEqual({ name: 'double', args: [1], slice });
    });
  });
}
