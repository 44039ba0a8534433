import { coded, Errno, messageOf, wireCopy } from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import type { TaskWarning } from '../../sdk/index.js';
import type { RunOutcome, TaskExecutor, TaskSession } from '../executors/executor.js';
import type { TaskHookMoment, TaskHookTable } from '../hooks/task-hook-table.js';
import type { TaskError } from '../row/task-row.js';
import type { TaskHandler } from '../task-handler.js';
import type { ActiveTask } from './active-task.js';
import { errorOf, toTaskError } from './task-error.js';
import type { TaskRecorder } from './task-recorder.js';

/** How a task ends. */
export type Ending =
  | { readonly state: 'FINISHED'; readonly result: unknown }
  | { readonly state: 'FAILED'; readonly error: TaskError }
  | { readonly state: 'ABORTED' };

export interface RunnerDependencies {
  readonly clock: Clock;
  readonly now: () => Date;
  readonly recorder: TaskRecorder;
  readonly executorOf: (handler: TaskHandler) => TaskExecutor;
  readonly hooks: TaskHookTable;
  /** Runs another task as a subtask. @throws (rejects with) what it failed with */
  readonly runSubtask: (
    parent: ActiveTask,
    name: string,
    args: readonly unknown[],
  ) => Promise<unknown>;
  /** Aborts the subtasks that are left and waits until they have ended. */
  readonly endSubtasks: (parent: ActiveTask) => Promise<void>;
  /** The server ends: what becomes of running tasks, its next start says. */
  readonly isCutOff: () => boolean;
  readonly warn: (task: ActiveTask, warning: TaskWarning) => void;
}

/**
 * Takes a task that has its locks from its executor to the ending that its row is to show: hooks,
 * run and its repetitions, rollback. Storing the end and letting go of the locks is the engine's.
 */
export class TaskRunner {
  constructor(private readonly dependencies: RunnerDependencies) {}

  async run(task: ActiveTask, handler: TaskHandler): Promise<Ending> {
    const session = await this.#open(task, handler);
    if ('state' in session) return session;
    task.session = session;
    try {
      if (task.stopReason !== null) return { state: 'ABORTED' };
      task.stage = 'running';
      const started_at = this.dependencies.now();
      await this.dependencies.recorder.move(task, { state: 'EXECUTING', started_at });
      if (isStopped(task)) return { state: 'ABORTED' };
      return await this.#perform(task, handler);
    } catch (error) {
      return { state: 'FAILED', error: errorOf(error) };
    } finally {
      await task.session.close();
    }
  }

  async #open(task: ActiveTask, handler: TaskHandler): Promise<TaskSession | Ending> {
    const { context } = task;
    if (context === null) throw new Error(`Task ${task.id} has no context`);
    try {
      return await this.dependencies.executorOf(handler).open(
        {
          handler,
          args: task.args,
          context,
          isSubtask: task.parent !== null,
          onOutput: (text) => task.output.add(text),
        },
        { signal: task.signal },
      );
    } catch (error) {
      return task.stopReason === null
        ? { state: 'FAILED', error: errorOf(error) }
        : { state: 'ABORTED' };
    }
  }

  async #perform(task: ActiveTask, handler: TaskHandler): Promise<Ending> {
    const ending = await this.#runWithHooks(task, handler);
    task.stage = 'undoing'; // from here on an abort comes too late
    if (ending.state === 'FINISHED' || this.dependencies.isCutOff()) return ending;
    if (handler.hasRollback) await this.#rollBack(task, handler);
    if (ending.state === 'FAILED') {
      const failure = await this.#runHooks(task, 'error');
      if (failure !== null) this.#warn(task, `Hook for its error failed: ${failure.message}`);
      await this.dependencies.endSubtasks(task);
    }
    return ending;
  }

  async #runWithHooks(task: ActiveTask, handler: TaskHandler): Promise<Ending> {
    const refused = await this.#runHooks(task, 'before');
    if (refused !== null) return this.#stoppedOr(task, { state: 'FAILED', error: refused });
    const ending = this.#judge(handler, await this.#attempt(task, handler));
    await this.dependencies.endSubtasks(task);
    if (ending.state !== 'FINISHED') return this.#stoppedOr(task, ending);
    const spoilt = await this.#runHooks(task, 'after');
    return this.#stoppedOr(task, spoilt === null ? ending : { state: 'FAILED', error: spoilt });
  }

  /** Whatever the run came to, a task that was told to stop ends as such. */
  #stoppedOr(task: ActiveTask, ending: Ending): Ending {
    if (task.stopReason === 'abort') return { state: 'ABORTED' };
    if (task.stopReason !== 'timeout') return ending;
    const seconds = (task.handler?.options.timeoutMs ?? 0) / 1_000;
    return { state: 'FAILED', error: errorOf(coded('TASK_TIMEOUT', { seconds })) };
  }

  /** Runs, and runs again after failures that may pass. */
  async #attempt(task: ActiveTask, handler: TaskHandler): Promise<RunOutcome> {
    const { attempts, backoffMs } = handler.options.retry ?? { attempts: 1, backoffMs: 0 };
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#runOnce(task, handler);
      const mayPass = outcome.kind === 'threw' && outcome.failure.isRetryable === true;
      if (!mayPass || attempt >= attempts || isStopped(task)) return outcome;
      this.#warn(
        task,
        `Attempt ${attempt} of ${attempts} failed: ${outcome.failure.message}`,
        outcome.failure.code,
      );
      await this.#pause(backoffMs, task.signal);
      if (isStopped(task)) return outcome;
    }
  }

  async #runOnce(task: ActiveTask, handler: TaskHandler): Promise<RunOutcome> {
    const { timeoutMs } = handler.options;
    if (task.session === null) return { kind: 'died', reason: 'no executor' };
    if (timeoutMs === undefined) return task.session.run();
    const cancel = this.dependencies.clock.after(timeoutMs, () => {
      task.stop('timeout', coded('TASK_TIMEOUT', { seconds: timeoutMs / 1_000 }));
      task.session?.abort();
    });
    try {
      return await task.session.run();
    } finally {
      cancel();
    }
  }

  #judge(handler: TaskHandler, outcome: RunOutcome): Ending {
    if (outcome.kind === 'threw') return { state: 'FAILED', error: toTaskError(outcome.failure) };
    if (outcome.kind === 'died') {
      const error = coded('TASK_EXECUTOR_DIED', {}, { reason: outcome.reason });
      return { state: 'FAILED', error: errorOf(error) };
    }
    try {
      const result = wireCopy(outcome.value);
      const errors = handler.resultValidator?.validate(result) ?? null;
      if (errors === null) return { state: 'FINISHED', result };
      return { state: 'FAILED', error: errorOf(coded('TASK_RESULT_INVALID', {}, errors)) };
    } catch (error) {
      const cause = messageOf(error);
      return { state: 'FAILED', error: errorOf(coded('TASK_RESULT_UNUSABLE', { cause })) };
    }
  }

  /** The first error stays: what goes wrong here is a warning. */
  async #rollBack(task: ActiveTask, handler: TaskHandler): Promise<void> {
    await this.dependencies.recorder.move(task, {
      state: 'ROLLBACK',
      rollback_at: this.dependencies.now(),
    });
    const session = await this.#sessionForRollback(task, handler);
    if (session === null) return;
    const outcome = await session.rollback();
    if (outcome.kind === 'threw') {
      this.#warn(task, `Rollback failed: ${outcome.failure.message}`, outcome.failure.code);
    } else if (outcome.kind === 'died') {
      this.#warn(task, `Rollback failed: the executor died: ${outcome.reason}`);
    }
    await this.dependencies.endSubtasks(task);
  }

  async #sessionForRollback(task: ActiveTask, handler: TaskHandler): Promise<TaskSession | null> {
    if (task.session?.isAlive === true) return task.session;
    await task.session?.close();
    const { context } = task;
    if (context === null) return null;
    try {
      const signal = new AbortController().signal; // the task's own has fired by now
      const assignment = {
        handler,
        args: task.args,
        context,
        isSubtask: true, // its locks are held: others may wait for it
        onOutput: (text: string) => task.output.add(text),
      };
      task.session = await this.dependencies.executorOf(handler).open(assignment, { signal });
      return task.session;
    } catch (error) {
      this.#warn(task, `Rollback did not run: ${messageOf(error)}`);
      return null;
    }
  }

  /** The first failure of the hooks, which run one after another; null when there was none. */
  async #runHooks(task: ActiveTask, moment: TaskHookMoment): Promise<TaskError | null> {
    const { hooks, runSubtask } = this.dependencies;
    for (const hook of hooks.of(task.row.name, moment)) {
      try {
        if (hook.applies(task.args)) await runSubtask(task, hook.task, task.args);
      } catch (error) {
        return errorOf(error);
      }
    }
    return null;
  }

  #warn(task: ActiveTask, message: string, code: Errno = Errno.EFAULT): void {
    this.dependencies.warn(task, { code, message });
  }

  #pause(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        cancel();
        signal.removeEventListener('abort', over);
        resolve();
      };
      const cancel = this.dependencies.clock.after(delayMs, over);
      signal.addEventListener('abort', over);
    });
  }
}

/** A function, for it may change while something is awaited. */
function isStopped({ stopReason }: ActiveTask): boolean {
  return stopReason !== null;
}
