import { coded, withCause } from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import type { Claims, Logger } from '../../sdk/index.js';
import type { TaskScheduler } from '../scheduler/index.js';
import type { TaskHandler } from '../task-handler.js';
import type { TaskHandlerTable } from '../task-handler-table.js';
import { AdmissionQueue } from './admission-queue.js';
import type { ActiveTask } from './active-task.js';
import { EngineTaskContext, type SubtaskService } from './running-context.js';
import { RUN_AS_USER } from './submission.js';
import { errorOf } from './task-error.js';
import type { TaskRecorder } from './task-recorder.js';
import { TaskTally } from './task-tally.js';
import type { TaskTracer } from './task-tracer.js';
import type { Ending, TaskRunner } from './task-runner.js';
import type { Verdict, Verifier } from './verifier.js';

export interface TaskLifecycleDependencies {
  readonly scheduler: TaskScheduler;
  readonly recorder: TaskRecorder;
  readonly verifier: Verifier;
  readonly runner: TaskRunner;
  readonly handlers: TaskHandlerTable;
  readonly servant: SubtaskService;
  readonly mayRun: (user: string, task: TaskHandler) => boolean;
  readonly clock: Clock;
  readonly now: () => Date;
  readonly logger: Logger;
  readonly tracer: TaskTracer | null;
  readonly onEnded: () => void;
}

/**
 * Takes each task from one stage to the next, from its first row to its last. Every state is stored
 * before anybody hears of it; whatever happens meanwhile (an abort, the end of the parent, the
 * answer of a verify that nobody waits for any more) finds the stage and acts on that.
 */
export class TaskLifecycle {
  readonly #live = new Map<number, ActiveTask>();
  readonly #running = new Set<Promise<void>>();
  readonly line: AdmissionQueue;
  readonly ended = new TaskTally();
  /** From now on nothing starts but the parts of what runs. */
  #isStopping = false;
  /** What running tasks come to does not count any more: the next start of the server says. */
  isCutOff = false;

  constructor(private readonly dependencies: TaskLifecycleDependencies) {
    const { clock, scheduler } = dependencies;
    this.line = new AdmissionQueue({ clock, admit: (id, claims) => scheduler.admit(id, claims) });
  }

  get(id: number): ActiveTask | undefined {
    return this.#live.get(id);
  }

  all(): Iterable<ActiveTask> {
    return this.#live.values();
  }

  /** A task of before the server's last end takes its place. */
  adopt(task: ActiveTask): void {
    this.#live.set(task.id, task);
    if (task.row.parent !== null) return; // it ends with its parent's run
    this.dependencies.scheduler.announce(task.id);
    this.line.enter(task.id, { hasDeadline: false });
  }

  /**
   * Resolves with the id when the first row is on disk. Its verify begins at once: if that is quick,
   * one flush stores the task as far as it has come.
   *
   * @throws (rejects with) RpcException when it cannot be stored: then there is no such task
   */
  begin(task: ActiveTask): Promise<number> {
    return withCause(task, () => this.#begin(task));
  }

  #begin(task: ActiveTask): Promise<number> {
    this.#live.set(task.id, task);
    task.parent?.children.add(task);
    if (task.parent === null) this.dependencies.scheduler.announce(task.id);
    this.#lineOf(task).enter(task.id);
    const created = this.dependencies.recorder.create(task, () => this.#disown(task));
    this.verify(task);
    return created;
  }

  /** What its verify says takes effect at once if it is there at once. */
  verify(task: ActiveTask): void {
    withCause(task, () => this.#verify(task));
  }

  #verify(task: ActiveTask): void {
    const { verifier, servant } = this.dependencies;
    if (task.handler === null) {
      this.#refused(task, coded('TASK_GONE', { task: task.row.name }));
      return;
    }
    const context = new EngineTaskContext(task, servant, 'verify');
    const verdict = verifier.verify(task.handler, task.args, context);
    if (!(verdict instanceof Promise)) {
      this.#verified(task, verdict);
      return;
    }
    this.#lineOf(task).startDeadline(task.id);
    verdict.then(
      (later) => this.#verified(task, later),
      (error: unknown) => this.#refused(task, error),
    );
  }

  #verified(task: ActiveTask, { claims, description }: Verdict): void {
    if (task.stage !== 'verifying') return;
    const verified_at = this.dependencies.now();
    this.move(task, { state: 'WAITING', resources: claims, description, verified_at });
    this.queue(task, claims);
  }

  #refused(task: ActiveTask, error: unknown): void {
    if (task.stage !== 'verifying') return;
    void this.finish(task, { state: 'FAILED', error: errorOf(error) });
  }

  /** Its claims are known: it waits until they are admitted and granted. */
  queue(task: ActiveTask, claims: Claims): void {
    task.stage = 'waiting';
    this.#lineOf(task).ready(task.id, claims);
  }

  /** The claims of a subtask are its parent's already, or are free, or it fails. */
  admitSubtask(parent: ActiveTask, id: number, claims: Claims): void {
    const task = this.#live.get(id);
    if (task === undefined) return;
    try {
      if (!parent.isAtWork) throw coded('PARENT_ENDED', { id: parent.id });
      this.dependencies.scheduler.admitSubtask(parent.id, id, claims);
    } catch (error) {
      void this.finish(task, { state: 'FAILED', error: errorOf(error) });
    }
  }

  /** The scheduler says that it has its locks. */
  started(id: number): void {
    const task = this.#live.get(id);
    if (task === undefined) return;
    if (this.#isStopping && task.parent === null) return; // but what runs may come to its end
    task.stage = 'opening';
    const run = withCause(task, () => this.#run(task)); // not because of who let go of the locks
    this.#running.add(run);
    void run.finally(() => this.#running.delete(run));
  }

  /** Tells a task to stop; false when it is too late. */
  abort(task: ActiveTask): boolean {
    if (task.stage === 'ended' || task.stage === 'undoing') return false;
    if (task.stopReason !== null) return true; // asked before
    task.stop('abort', coded('TASK_ABORTED', { id: task.id, task: task.row.name }));
    if (task.stage === 'running') {
      this.dependencies.recorder.note(task, { abort_requested: true });
      for (const child of task.children) this.abort(child);
      task.session?.abort();
    } else if (task.stage !== 'opening') {
      void this.finish(task, { state: 'ABORTED' });
    }
    return true;
  }

  /**
   * The last row is on its way to the disk before the locks are free: whoever they let go starts
   * behind it.
   */
  finish(task: ActiveTask, ending: Ending): Promise<void> {
    return withCause(task, () => this.#finish(task, ending));
  }

  async #finish(task: ActiveTask, ending: Ending): Promise<void> {
    if (task.stage === 'ended') return;
    task.meter?.flush();
    const progress = task.meter?.last ?? task.row.progress;
    task.stage = 'ended';
    const { recorder, scheduler, now, onEnded } = this.dependencies;
    const last = {
      state: ending.state,
      finished_at: now(),
      output: task.output.text,
      sealed: null,
      progress: ending.state === 'FINISHED' ? { ...progress, percentage: 100 } : progress,
      ...(ending.state === 'FINISHED' && { result: ending.result }),
      ...(ending.state === 'FAILED' && { error: ending.error }),
    };
    const stored = recorder.move(task, last, (error) => this.#finishWithout(task, error));
    scheduler.release(task.id);
    this.#lineOf(task).leave(task.id);
    await stored;
    this.#forget(task);
    this.#count(task, ending);
    onEnded();
    task.announceEnd(task.row);
  }

  /** Brings a task that has not ended into another state; it goes on meanwhile. */
  move(task: ActiveTask, patch: Parameters<TaskRecorder['move']>[1]): void {
    void this.dependencies.recorder.move(task, patch, (error) => {
      const failure = { state: 'FAILED', error: errorOf(error) } as const;
      if (task.stage === 'waiting' && task.stored !== null) void this.finish(task, failure);
    });
  }

  /** Nothing starts any more but the parts of what runs; resolves when nothing runs, or after `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    this.#isStopping = true;
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = this.dependencies.clock.after(graceMs, resolve);
    });
    await Promise.race([Promise.all(this.#running), late]);
    cancel();
    this.isCutOff = true;
  }

  async #run(task: ActiveTask): Promise<void> {
    const { handlers, runner, servant, tracer } = this.dependencies;
    const span = (task.span = tracer?.begin(task) ?? null);
    let ending: Ending;
    try {
      const { name } = task.row;
      const handler = handlers.get(name) ?? (await handlers.find(name)); // it may have been reloaded
      if (handler === undefined) throw coded('TASK_GONE', { task: name });
      this.#assertStillAllowed(task, handler);
      task.handler = handler;
      task.context = new EngineTaskContext(task, servant, 'run');
      ending = await (span === null
        ? runner.run(task, handler)
        : span.run(() => runner.run(task, handler)));
    } catch (error) {
      ending = { state: 'FAILED', error: errorOf(error) };
    }
    span?.end(ending);
    if (!this.isCutOff) await this.finish(task, ending);
  }

  /**
   * Rights may have gone while it waited. What a service or a plugin asked for, and the parts of a
   * task, are nobody's to lose them.
   *
   * @throws RpcException EACCES
   */
  #assertStillAllowed({ parent, row }: ActiveTask, handler: TaskHandler): void {
    const { owner, environment } = row;
    if (parent !== null || owner === null || RUN_AS_USER in environment) return;
    if (!this.dependencies.mayRun(owner, handler)) throw coded('INSUFFICIENT_PRIVILEGES');
  }

  /** The store refuses the row, most likely for its result or output: the task ends without them. */
  async #finishWithout(task: ActiveTask, error: unknown): Promise<void> {
    if (task.stored === null) return; // there never was such a task
    const { recorder, logger } = this.dependencies;
    logger.error(`The end of task ${task.id} could not be stored as it was`, { error });
    const bare = { state: 'FAILED', result: null, output: null, error: errorOf(error) } as const;
    await recorder.move(task, bare, () => undefined);
  }

  #count({ row }: ActiveTask, { state }: Ending): void {
    const begunAt = row.started_at ?? row.finished_at;
    const runMs = (row.finished_at?.getTime() ?? 0) - (begunAt?.getTime() ?? 0);
    this.ended.count(row.name, state, runMs);
  }

  /** It could not be stored, so there never was such a task. */
  #disown(task: ActiveTask): void {
    task.stage = 'ended';
    task.stop('abort', coded('TASK_NOT_FOUND'));
    this.#lineOf(task).leave(task.id);
    this.dependencies.scheduler.release(task.id);
    this.#forget(task);
    task.announceEnd(task.row);
  }

  #forget(task: ActiveTask): void {
    this.#live.delete(task.id);
    task.parent?.children.delete(task);
  }

  #lineOf({ parent }: ActiveTask): AdmissionQueue {
    return parent === null ? this.line : this.childQueueOf(parent);
  }

  childQueueOf(parent: ActiveTask): AdmissionQueue {
    parent.line ??= new AdmissionQueue({
      clock: this.dependencies.clock,
      admit: (id, claims) => this.admitSubtask(parent, id, claims),
    });
    return parent.line;
  }
}
