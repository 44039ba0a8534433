import type { Doer } from '../../auth/index.js';
import { coded, Errno, messageOf } from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import type { TaskContext } from '../../sdk/index.js';
import type { TaskHookMoment, TaskHookTable } from '../hooks/task-hook-table.js';
import type { TaskError } from '../row/task-row.js';
import type { TaskHandler } from '../task-handler.js';
import type { ExecutorSite, OngoingRun, SiteOutcome, SiteSession } from '../site/executor-site.js';
import type { TaskHandlers } from '../task-handler-table.js';
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
  readonly handlers: TaskHandlers;
  readonly site: ExecutorSite;
  readonly hooks: TaskHookTable;
  /** Whether a user's account, as it is now, may run a task. */
  readonly mayRun: (doer: Doer, task: TaskHandler) => boolean;
  /** Fires when the server ends: what becomes of running tasks, its next start says. */
  readonly cutOff: AbortSignal;
}

/** What it ran at is gone, and it may have done anything; `otherwise` is its end if it does not run again. */
export interface LostRun {
  readonly state: 'LOST';
  readonly otherwise: Ending;
}

/** Thrown where only the end of the whole run can say so. */
class NodeLost extends Error {
  constructor(readonly node: string) {
    super(`node ${node} was lost`);
  }
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
  readonly session: SiteSession;
  /** How far its run had come under an earlier leader; null when it begins here. */
  readonly ongoing: OngoingRun | null;
}

/**
 * Takes a task that has its locks from its executor to the ending that its row is to show: hooks,
 * run and its repetitions, rollback. Storing the end and letting go of the locks is the finisher's.
 */
export class TaskRunner {
  constructor(private readonly dependencies: RunnerDependencies) {}

  /** Never rejects. */
  run(task: ActiveTask, run: ActiveRun): Promise<Ending | LostRun> {
    return this.#conclude(task, run, (work) => this.#open(work));
  }

  /** As {@link run}, for one that an earlier leader had begun. */
  resume(task: ActiveTask, run: ActiveRun, ongoing: OngoingRun): Promise<Ending | LostRun> {
    const { session } = ongoing;
    const ended = this.#conclude(task, run, (work) => this.#perform({ ...work, session, ongoing }));
    return ended.finally(() => session.close());
  }

  async #conclude(
    task: ActiveTask,
    run: ActiveRun,
    go: (work: Work) => Promise<Ending>,
  ): Promise<Ending | LostRun> {
    try {
      const work = { task, run, ...(await this.#prepare(task, run)) };
      const perform = (): Promise<Ending> => go(work);
      return await (run.span === null ? perform() : run.span.run(perform));
    } catch (error) {
      if (!(error instanceof NodeLost)) return { state: 'FAILED', error: errorOf(error) };
      const { node } = error;
      const failed = {
        state: 'FAILED',
        error: errorOf(coded('TASK_NODE_LOST', { node })),
      } as const;
      await task.services.endSubtasks(task);
      return {
        state: 'LOST',
        otherwise: task.stopReason === 'abort' ? { state: 'ABORTED' } : failed,
      };
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
    if (task.stage.at === 'opening') this.#assertStillAllowed(task, handler);
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
    let session: SiteSession;
    try {
      session = await this.#openSession(work, task.signal, task.parent !== null);
    } catch (error) {
      return task.isStopped() ? { state: 'ABORTED' } : { state: 'FAILED', error: errorOf(error) };
    }
    try {
      return await this.#begin({ ...work, session, ongoing: null });
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
    return this.#perform(work);
  }

  async #perform(work: OpenWork): Promise<Ending> {
    const { task, run } = work;
    const ending = await this.#runWithHooks(work);
    task.enter({ at: 'settling', run }); // from here on an abort comes too late
    return this.#settle(work, ending);
  }

  #openSession(
    { task, run, handler, context }: Work,
    signal: AbortSignal,
    isSubtask: boolean,
  ): Promise<SiteSession> {
    const onOutput = (text: string): void => run.output.add(text);
    const assignment = { handler, args: task.args, context, isSubtask, onOutput };
    return this.dependencies.site.open(task.row.node ?? null, assignment, { signal });
  }

  async #runWithHooks(work: OpenWork): Promise<Ending> {
    const { task, ongoing } = work;
    const hasBegun = ongoing !== null && ongoing.attempt > 0;
    const refused = hasBegun ? null : await this.#runHooks(work, 'before');
    if (refused !== null) return stoppedOr(work, { state: 'FAILED', error: refused });
    const outcome = await this.#attempt(work);
    if (outcome.kind === 'lost') throw new NodeLost(outcome.node);
    const ending = endingOf(outcome, work.handler);
    await task.services.endSubtasks(task);
    if (ending.state !== 'FINISHED') return stoppedOr(work, ending);
    const spoilt = await this.#runHooks(work, 'after');
    return stoppedOr(work, spoilt === null ? ending : { state: 'FAILED', error: spoilt });
  }

  #attempt({ task, handler, session, ongoing }: OpenWork): Promise<SiteOutcome> {
    const { clock } = this.dependencies;
    return runWithRetries(
      { task, session, options: handler.options, ongoing },
      { clock, warn: (message, code) => warn(task, message, code) },
    );
  }

  /** What is left to do once the outcome is known. */
  async #settle(work: OpenWork, ending: Ending): Promise<Ending> {
    if (ending.state === 'FINISHED' || this.dependencies.cutOff.aborted) return ending;
    const { task } = work;
    if (work.handler.hasRollback) await this.#rollBack(work);
    if (ending.state === 'FAILED') {
      const failure = await this.#runHooks(work, 'error');
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
      } else if (outcome.kind === 'lost') {
        warn(task, `Rollback failed: node ${outcome.node} was lost`, Errno.EINTR);
      }
      await task.services.endSubtasks(task);
    } finally {
      if (session !== work.session) await session.close();
    }
  }

  async #sessionForRollback(work: OpenWork): Promise<SiteSession | null> {
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
  async #runHooks({ task, session }: OpenWork, moment: TaskHookMoment): Promise<TaskError | null> {
    const { row, args, services } = task;
    try {
      const hooks =
        session.hooks?.[moment] ?? this.dependencies.hooks.tasksOf(row.name, moment, args);
      for (const hook of hooks) await services.runSubtask(task, hook, args);
      return null;
    } catch (error) {
      return errorOf(error);
    }
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
