import type { Doer } from '../../auth/index.js';
import { coded, Errno, messageOf } from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import type { TaskContext } from '../../sdk/index.js';
import type { TaskExecutor, TaskSession } from '../executors/executor.js';
import type { TaskHookMoment, TaskHookTable } from '../hooks/task-hook-table.js';
import type { TaskError } from '../row/task-row.js';
import type { TaskHandler } from '../task-handler.js';
import type { TaskHandlerTable } from '../task-handler-table.js';
import type { ActiveTask } from './active-task.js';
import { type Ending, endingOf } from './ending.js';
import { runWithRetries } from './retries.js';
import { EngineTaskContext } from './running-context.js';
import { RUN_AS_USER } from './submission.js';
import { errorOf } from './task-error.js';
import type { TaskRecorder } from './task-recorder.js';
import type { ActiveRun } from './active-task.js';

export interface RunnerDependencies {
  readonly clock: Clock;
  readonly now: () => Date;
  readonly recorder: TaskRecorder;
  readonly handlers: TaskHandlerTable;
  readonly executors: { readonly inline: TaskExecutor; readonly isolated: TaskExecutor };
  readonly hooks: TaskHookTable;
  /** Whether a user's account, as it is now, may run a task. */
  readonly mayRun: (doer: Doer, task: TaskHandler) => boolean;
  /** Fires when the server ends: what becomes of running tasks, its next start says. */
  readonly cutOff: AbortSignal;
}

/** A task with all that its run needs. */
interface Work {
  readonly task: ActiveTask;
  readonly run: ActiveRun;
  readonly handler: TaskHandler;
  readonly context: TaskContext;
}

/** And with its executor. */
interface OpenWork extends Work {
  readonly session: TaskSession;
}

/**
 * Takes a task that has its locks from its executor to the ending that its row is to show: hooks,
 * run and its repetitions, rollback. Storing the end and letting go of the locks is the finisher's.
 */
export class TaskRunner {
  constructor(private readonly dependencies: RunnerDependencies) {}

  /** Never rejects. */
  async run(task: ActiveTask, run: ActiveRun): Promise<Ending> {
    try {
      const work = { task, run, ...(await this.#prepare(task, run)) };
      const perform = (): Promise<Ending> => this.#open(work);
      return await (run.span === null ? perform() : run.span.run(perform));
    } catch (error) {
      return { state: 'FAILED', error: errorOf(error) };
    }
  }

  /** @throws (rejects with) RpcException when its class is gone, or its submitter may not run it any more */
  async #prepare(
    task: ActiveTask,
    run: ActiveRun,
  ): Promise<{ readonly handler: TaskHandler; readonly context: TaskContext }> {
    const { handlers } = this.dependencies;
    const { name } = task.row;
    const handler = handlers.get(name) ?? (await handlers.find(name)); // it may have been reloaded
    if (handler === undefined) throw coded('TASK_GONE', { task: name });
    this.#assertStillAllowed(task, handler);
    run.handler = handler;
    return { handler, context: new EngineTaskContext(task, 'run') };
  }

  /**
   * Rights may have gone while it waited, those of the key that it was submitted by, too. What a service or a plugin asked for, and the parts of a
   * task, are nobody's to lose them.
   *
   * @throws RpcException EACCES
   */
  #assertStillAllowed({ parent, row }: ActiveTask, handler: TaskHandler): void {
    const { owner, api_key = null, environment } = row;
    if (parent !== null || owner === null || RUN_AS_USER in environment) return;
    if (!this.dependencies.mayRun({ owner, api_key }, handler))
      throw coded('INSUFFICIENT_PRIVILEGES');
  }

  async #open(work: Work): Promise<Ending> {
    const { task } = work;
    let session: TaskSession;
    try {
      session = await this.#openSession(work, task.signal, task.parent !== null);
    } catch (error) {
      return task.isStopped() ? { state: 'ABORTED' } : { state: 'FAILED', error: errorOf(error) };
    }
    try {
      return await this.#begin({ ...work, session });
    } finally {
      await session.close();
    }
  }

  async #begin(work: OpenWork): Promise<Ending> {
    const { task, run, session } = work;
    const { recorder, now } = this.dependencies;
    if (task.isStopped()) return { state: 'ABORTED' };
    const started_at = now();
    if (!task.enter({ at: 'running', run, session }, { started_at })) return { state: 'ABORTED' };
    await recorder.changed(task);
    if (task.isStopped()) return { state: 'ABORTED' };
    const ending = await this.#runWithHooks(work);
    task.enter({ at: 'settling', run }); // from here on an abort comes too late
    return this.#settle(work, ending);
  }

  #openSession(
    { task, run, handler, context }: Work,
    signal: AbortSignal,
    isSubtask: boolean,
  ): Promise<TaskSession> {
    const onOutput = (text: string): void => run.output.add(text);
    const executor = this.dependencies.executors[handler.options.executor ?? 'isolated'];
    return executor.open({ handler, args: task.args, context, isSubtask, onOutput }, { signal });
  }

  async #runWithHooks(work: OpenWork): Promise<Ending> {
    const { task } = work;
    const refused = await this.#runHooks(task, 'before');
    if (refused !== null) return stoppedOr(work, { state: 'FAILED', error: refused });
    const ending = endingOf(await this.#attempt(work), work.handler);
    await task.services.endSubtasks(task);
    if (ending.state !== 'FINISHED') return stoppedOr(work, ending);
    const spoilt = await this.#runHooks(task, 'after');
    return stoppedOr(work, spoilt === null ? ending : { state: 'FAILED', error: spoilt });
  }

  #attempt({ task, handler, session }: OpenWork): ReturnType<TaskSession['run']> {
    const { clock } = this.dependencies;
    return runWithRetries(
      { task, session, options: handler.options },
      { clock, warn: (message, code) => warn(task, message, code) },
    );
  }

  /** What is left to do once the outcome is known. */
  async #settle(work: OpenWork, ending: Ending): Promise<Ending> {
    if (ending.state === 'FINISHED' || this.dependencies.cutOff.aborted) return ending;
    const { task } = work;
    if (work.handler.hasRollback) await this.#rollBack(work);
    if (ending.state === 'FAILED') {
      const failure = await this.#runHooks(task, 'error');
      if (failure !== null) warn(task, `Hook for its error failed: ${failure.message}`);
      await task.services.endSubtasks(task);
    }
    return ending;
  }

  /** The first error stays: what goes wrong here is a warning. */
  async #rollBack(work: OpenWork): Promise<void> {
    const { task, run } = work;
    const { recorder, now } = this.dependencies;
    if (!task.enter({ at: 'rollingBack', run }, { rollback_at: now() })) return;
    await recorder.changed(task);
    const session = await this.#sessionForRollback(work);
    if (session === null) return;
    try {
      const outcome = await session.rollback();
      if (outcome.kind === 'threw') {
        warn(task, `Rollback failed: ${outcome.failure.message}`, outcome.failure.code);
      } else if (outcome.kind === 'died') {
        warn(task, `Rollback failed: the executor died: ${outcome.reason}`);
      }
      await task.services.endSubtasks(task);
    } finally {
      if (session !== work.session) await session.close();
    }
  }

  async #sessionForRollback(work: OpenWork): Promise<TaskSession | null> {
    const { task, session } = work;
    if (session.isAlive) return session;
    await session.close();
    try {
      const { signal } = new AbortController(); // the task's own has fired by now
      // as for a subtask, for its locks are held and others may wait for them
      return await this.#openSession(work, signal, true);
    } catch (error) {
      warn(task, `Rollback did not run: ${messageOf(error)}`);
      return null;
    }
  }

  /** The first failure of the hooks, which run one after another; null when there was none. */
  async #runHooks(task: ActiveTask, moment: TaskHookMoment): Promise<TaskError | null> {
    for (const hook of this.dependencies.hooks.of(task.row.name, moment)) {
      try {
        if (hook.applies(task.args)) await task.services.runSubtask(task, hook.task, task.args);
      } catch (error) {
        return errorOf(error);
      }
    }
    return null;
  }
}

function warn(task: ActiveTask, message: string, code: Errno = Errno.EFAULT): void {
  task.services.warn(task, { code, message });
}

/** Whatever the run came to, a task that was told to stop ends as such. */
function stoppedOr({ task, handler }: Work, ending: Ending): Ending {
  if (task.stopReason === 'abort') return { state: 'ABORTED' };
  if (task.stopReason !== 'timeout') return ending;
  const seconds = (handler.options.timeoutMs ?? 0) / 1_000;
  return { state: 'FAILED', error: errorOf(coded('TASK_TIMEOUT', { seconds })) };
}
