import { Injectable } from '@nestjs/common';
import {
  accepts,
  type Claims,
  description,
  Errno,
  h,
  requireRoles,
  returns,
  RetryableException,
  RpcException,
  Task,
  task,
  VerifyException,
} from 'dispatcher';
import {
  FakeDispatcher,
  memoryConfigStore,
  runTask,
  startTask,
  VirtualClock,
} from 'dispatcher/testing';
import { describe, expect, it } from 'vitest';

@Injectable()
class Greeter {
  greet(name: string): string {
    return `Hello, ${name}`;
  }
}

@description('Greets')
@task('greet')
@accepts(String)
@returns(String)
class GreetTask extends Task {
  constructor(private readonly greeter: Greeter) {
    super();
  }

  override describe(name: string): string {
    return `Greeting ${name}`;
  }

  override verify(name: string): Claims {
    if (name === 'nobody') throw new VerifyException(Errno.ENOENT, 'There is nobody');
    return ['system'];
  }

  override run(name: string): string {
    this.setProgress(50, 'Drawing breath');
    this.addWarning(Errno.EIO, 'It is late');
    return name === 'nothing' ? (7 as never) : this.greeter.greet(name);
  }
}

@task('act', { timeoutMs: 1_000, retry: { attempts: 3, backoffMs: 5_000 } })
@accepts(String)
@requireRoles('operator')
class ActTask extends Task {
  tries = 0;

  override verify(): Claims {
    return [];
  }

  override async run(how: string): Promise<unknown> {
    this.tries += 1;
    if (how === 'fail') throw new RpcException(Errno.ENOSPC, 'The disk is full', { free: 0 });
    if (how === 'flaky' && this.tries < 3) throw new RetryableException(Errno.EBUSY, 'Not yet');
    if (how === 'wait') await new Promise((_, fail) => this.signal.addEventListener('abort', fail));
    return { tries: this.tries, user: this.user, environment: this.environment };
  }

  override rollback(how: string): void {
    this.setProgress(null, `Undoing ${how} after ${this.tries}`);
    if (how === 'fail') throw new Error('it is stuck');
  }
}

@task('parent')
@accepts(String)
class ParentTask extends Task {
  override verify(name: string): Promise<Claims> {
    return this.verifySubtask('part', name);
  }

  override async run(name: string): Promise<unknown> {
    const part = this.runSubtask('part', name).withProgress(0, 60);
    return this.joinSubtasks(part, this.runSubtask('other', 1, 2));
  }
}

const providers = [Greeter];

describe('runTask', () => {
  it('takes a task through verify, describe and run, with what its constructor asks for', async () => {
    expect(await runTask(GreetTask, ['Ann'], { providers })).toEqual({
      state: 'FINISHED',
      claims: ['system'],
      description: { message: 'Greeting Ann' },
      result: 'Hello, Ann',
      error: null,
      hasRun: true,
      wasRolledBack: false,
      progress: [{ percentage: 50, message: 'Drawing breath', extra: null }],
      warnings: [{ code: Errno.EIO, message: 'It is late' }],
      subtasks: [],
    });
  });

  it('rejects for arguments that do not fit, as a submit does', async () => {
    await expect(runTask(GreetTask, [7], { providers })).rejects.toMatchObject({
      code: Errno.EINVAL,
      extra: [{ path: [0] }],
    });
    await expect(runTask(GreetTask, [], { providers })).rejects.toMatchObject({
      code: Errno.EINVAL,
    });
  });

  it('reports what verify refuses, and runs nothing then', async () => {
    expect(await runTask(GreetTask, ['nobody'], { providers })).toMatchObject({
      state: 'FAILED',
      claims: null,
      error: { type: 'VerifyException', code: Errno.ENOENT, message: 'There is nobody' },
      hasRun: false,
    });
  });

  it('reports a result that does not fit its schema as a failure', async () => {
    expect(await runTask(GreetTask, ['nothing'], { providers })).toMatchObject({
      state: 'FAILED',
      error: { message: 'The result of the task does not fit its schema' },
      hasRun: true,
    });
  });

  it('rolls back on the instance that failed; what goes wrong there is a warning', async () => {
    expect(await runTask(ActTask, ['fail'])).toMatchObject({
      state: 'FAILED',
      error: { code: Errno.ENOSPC, message: 'The disk is full', extra: { free: 0 } },
      wasRolledBack: true,
      progress: [{ message: 'Undoing fail after 1' }],
      warnings: [{ message: 'Rollback failed: it is stuck' }],
    });
  });

  it('tells the task who submitted it and what came along', async () => {
    const options = { id: 12, user: 'ann', environment: { LANG: 'de' } };
    expect(await runTask(ActTask, ['tell'], options)).toMatchObject({
      result: {
        user: 'ann',
        environment: { ID: 12, LANG: 'de', SENDER_ADDRESS: 'test', SENDER_ROLES: ['admin'] },
      },
    });
  });

  it('refuses a class that is no task', async () => {
    class Bare extends Task {
      verify(): Claims {
        return [];
      }
      run(): void {
        // never
      }
    }
    await expect(runTask(Bare, [])).rejects.toThrow('Class Bare has no @task decorator');
  });
});

describe('startTask', () => {
  it('lets a test abort the task, which ends so and is rolled back', async () => {
    const run = await startTask(ActTask, ['wait']);
    expect(run.abort()).toBe(true);
    const report = await run.report;
    expect(report).toMatchObject({ state: 'ABORTED', error: null });
    expect(run.abort()).toBe(false);
  });

  it('goes by a virtual clock for time limits', async () => {
    const clock = new VirtualClock();
    const run = await startTask(ActTask, ['wait'], { clock });
    await clock.advance(1_000);
    expect(await run.report).toMatchObject({
      state: 'FAILED',
      error: { code: Errno.ETIMEDOUT, message: 'Task did not end within 1 s' },
      wasRolledBack: true,
    });
    expect(clock.pending).toEqual([]);
  });

  it('goes by it for repetitions too', async () => {
    const clock = new VirtualClock();
    const run = await startTask(ActTask, ['flaky'], { clock });
    await clock.advance(10_000);
    expect(await run.report).toMatchObject({ state: 'FINISHED', result: { tries: 3 } });
  });
});

describe('subtasks', () => {
  it('are run in earnest where a class is given, else answered', async () => {
    const report = await runTask(ParentTask, ['Ann'], {
      providers,
      subtasks: { part: GreetTask, other: (a: number, b: number) => a + b },
    });
    expect(report).toMatchObject({
      state: 'FINISHED',
      claims: ['system'],
      result: ['Hello, Ann', 3],
      subtasks: [
        { name: 'part', args: ['Ann'], slice: { from: 0, to: 60 }, report: { state: 'FINISHED' } },
        { name: 'other', args: [1, 2], slice: null, report: null },
      ],
    });
    expect(report.progress.map(({ percentage }) => percentage)).toEqual([30, 60]);
  });

  it('that fail give the parent their code and message', async () => {
    const report = await runTask(ParentTask, ['Ann'], {
      subtasks: {
        part: () => {
          throw new RpcException(Errno.EIO, 'A bad sector');
        },
        other: () => 0,
      },
    });
    expect(report).toMatchObject({ error: { code: Errno.EIO, message: 'A bad sector' } });
  });

  it('that nobody gave are unknown', async () => {
    expect(await runTask(ParentTask, ['Ann'])).toMatchObject({
      state: 'FAILED',
      error: { code: Errno.EINVAL, message: 'Unknown task type part' },
    });
  });
});

@task('ask')
@accepts()
@returns(h.any())
class AskTask extends Task {
  override verify(): Claims {
    return [];
  }

  override async run(): Promise<unknown> {
    await this.datastore.requireCollection('asked');
    await this.datastore.insert('asked', { id: 'a' });
    await this.dispatcher.execAndWaitForEvent(
      'answer.came',
      ({ to }) => to === this.id,
      () => this.dispatcher.emitEvent('question.asked', { from: this.id }),
    );
    const limit = await this.configstore.get('ask.limit', 0);
    return [
      await this.dispatcher.callSync('oracle.ask', limit),
      await this.datastore.count('asked'),
    ];
  }
}

describe('a fake dispatcher', () => {
  it('answers calls, takes events to handlers, and keeps what was published', async () => {
    const dispatcher = new FakeDispatcher({ 'oracle.ask': (limit: number) => limit * 2 });
    dispatcher.registerEventHandler('question.*', ({ from }) => {
      dispatcher.publish('answer.came', { to: from });
    });
    const configstore = await memoryConfigStore({ 'ask.limit': 21 });
    const report = await runTask(AskTask, [], { dispatcher, configstore });
    expect(report).toMatchObject({ state: 'FINISHED', result: [42, 1] });
    expect(dispatcher.events).toEqual([{ name: 'question.asked', args: { from: 1 } }]);
    expect(dispatcher.calls).toEqual([{ method: 'oracle.ask', args: [21] }]);
  });

  it('says what is missing when a call has no answer', async () => {
    await expect(new FakeDispatcher().callSync('oracle.ask')).rejects.toThrow(
      "The test gave no answer for a call of oracle.ask: FakeDispatcher.answer('oracle.ask', ...)",
    );
  });

  it('refuses to publish what only the server may', () => {
    expect(() => new FakeDispatcher().emitEvent('server.ready', {})).toThrow(RpcException);
  });

  it('keeps resources in a graph that refuses what the server refuses', async () => {
    const dispatcher = new FakeDispatcher();
    await dispatcher.registerResource('disk:a');
    await dispatcher.registerResource('pool:b', { parents: ['disk:a'] });
    await expect(dispatcher.registerResource('disk:a')).rejects.toMatchObject({
      code: Errno.EEXIST,
    });
    expect(dispatcher.resources).toEqual([
      { name: 'disk:a', owner: 'test', parents: ['root'] },
      { name: 'pool:b', owner: 'test', parents: ['disk:a'] },
    ]);
  });
});
