import { coded, withCause } from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import type { ResourceGraph } from '../resources/index.js';
import type { TaskHandler } from '../task-handler.js';
import type { ActiveTask, TaskRowChange } from './active-task.js';
import type { Fate } from './recovery.js';
import { EngineTaskContext } from './running-context.js';
import { TaskAdmission } from './task-admission.js';
import { errorOf } from './task-error.js';
import { TaskFinisher, type TaskFinisherDependencies } from './task-finisher.js';
import { ActiveRun } from './active-task.js';
import type { LostRun, TaskRunner } from './task-runner.js';
import type { TaskTracer } from './task-tracer.js';
import type { ClaimResolver } from './task-admission.js';
import type { ExecutorSite, OngoingRun } from '../site/executor-site.js';
import type { Ending } from './ending.js';
import type { Verdict } from './verifier.js';

export interface TaskLifecycleDependencies extends Omit<TaskFinisherDependencies, 'admission'> {
  readonly resources: ResourceGraph;
  readonly site: ExecutorSite;
  readonly resolveClaims?: ClaimResolver | undefined;
  readonly runner: TaskRunner;
  readonly clock: Clock;
  readonly tracer: TaskTracer | null;
  /** Aborted when what running tasks come to does not count any more: the next start of the server says. */
  readonly cutOff: AbortController;
  /** The task as it goes on when its node was lost; null when it has failed. */
  readonly again: (task: ActiveTask, handler: TaskHandler | null) => ActiveTask | null;
}

/**
 * Takes each task from one stage to the next, as the table in `task-state-machine.ts` has them: its
 * first row, its verify, the queue, its locks; then the runner says what it came to, and the finisher
 * writes that down. Whatever comes late (the verdict of a task that was aborted meanwhile, the end of
 * one that has ended) finds the stage and is dropped.
 */
export class TaskLifecycle {
  readonly admission: TaskAdmission;
  readonly finisher: TaskFinisher;
  readonly #running = new Set<Promise<void>>();
  /** From now on nothing starts but the parts of what runs. */
  #isStopping = false;

  constructor(private readonly dependencies: TaskLifecycleDependencies) {
    const { resources: graph, clock, live, resolveClaims } = dependencies;
    this.admission = new TaskAdmission({
      ...{ graph, clock, live, resolveClaims },
      observer: {
        granted: (task) => this.#granted(task),
        refused: (task, error) => this.#fail(task, error),
      },
    });
    this.finisher = new TaskFinisher({ ...dependencies, admission: this.admission });
  }

  /**
   * Resolves with the id when the first row is on disk. Its verify begins at once: if that is quick,
   * one flush stores the task as far as it has come.
   *
   * @throws (rejects with) RpcException when it cannot be stored: then there is no such task
   */
  begin(task: ActiveTask, handler: TaskHandler): Promise<number> {
    return withCause(task, () => {
      const { live, recorder } = this.dependencies;
      live.add(task);
      this.admission.announce(task);
      const created = recorder.create(task, () => this.finisher.disown(task));
      void this.#verify(task, handler);
      return created;
    });
  }

  /** A task of before the server's last end takes its place. */
  adopt(task: ActiveTask): void {
    this.dependencies.live.add(task);
    if (task.row.parent !== null && task.parent === null) return; // it ends with its parent's run
    this.admission.announce(task, { hasDeadline: false });
  }

  /** And goes on, now that it is known which task classes there are. */
  resume(task: ActiveTask, fate: Fate): void {
    if (fate.next === 'end') void this.finisher.finish(task, fate.ending);
    else if (fate.next === 'verify') {
      if (!task.enter({ at: 'verifying' })) return;
      void withCause(task, () => this.#verify(task, fate.handler));
    } else if (task.row.state === 'WAITING') {
      if (task.enter({ at: 'queued' })) this.admission.ready(task, task.row.resources);
    } else this.#queue(task, { started_at: null });
  }

  /** It runs at its node, as an earlier leader began it: it has its locks, and goes on from where it is. */
  takeUp(task: ActiveTask, ongoing: OngoingRun): void {
    const { live, runner, tracer } = this.dependencies;
    const run = new ActiveRun(tracer?.begin(task) ?? null);
    run.output.add(ongoing.output);
    if (!task.enter({ at: 'running', run, session: ongoing.session })) return;
    live.add(task);
    this.admission.takeUp(task);
    this.#track(task, run, () => runner.resume(task, run, ongoing));
    if (!task.row.abort_requested) return;
    task.stop('abort', coded('TASK_ABORTED', { id: task.id, task: task.row.name }));
    ongoing.session.abort();
  }

  /** Nothing is started, written or told any more: another engine goes on with the tasks. */
  cut(): void {
    this.#isStopping = true;
    this.dependencies.cutOff.abort();
  }

  /** Tells a task to stop; false when it is too late. */
  abort(task: ActiveTask): boolean {
    const { stage } = task;
    if (task.hasEnded || stage.at === 'settling' || stage.at === 'rollingBack') return false;
    if (task.isStopped()) return true; // asked before
    task.stop('abort', coded('TASK_ABORTED', { id: task.id, task: task.row.name }));
    if (stage.at === 'running') {
      this.dependencies.recorder.note(task, { abort_requested: true });
      for (const child of stage.run.children) this.abort(child);
      stage.session.abort();
    } else if (stage.at !== 'opening') {
      void this.finisher.finish(task, { state: 'ABORTED' });
    }
    return true;
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
    this.dependencies.cutOff.abort();
  }

  async #verify(task: ActiveTask, handler: TaskHandler): Promise<void> {
    this.admission.startDeadline(task);
    const context = new EngineTaskContext(task, 'verify');
    let verdict: Verdict;
    try {
      const node = task.row.node ?? null;
      verdict = await this.dependencies.site.verify({ node, handler, args: task.args, context });
    } catch (error) {
      if (task.stage.at === 'verifying') this.#fail(task, error);
      return;
    }
    if (task.stage.at !== 'verifying') return; // it was aborted meanwhile
    const { claims, description } = verdict;
    const verified_at = this.dependencies.now();
    this.#queue(task, { resources: claims, description, verified_at });
  }

  /** Its claims are known: it waits until they are admitted and granted. */
  #queue(task: ActiveTask, change: TaskRowChange): void {
    if (!task.enter({ at: 'queued' }, change)) return;
    void this.dependencies.recorder.changed(task, (error) => {
      const isWaiting = task.stage.at === 'queued' || task.stage.at === 'waiting';
      if (isWaiting && task.stored !== null) this.#fail(task, error);
    });
    this.admission.ready(task, task.row.resources);
  }

  #granted(task: ActiveTask): void {
    if (task.isAtWork || this.dependencies.cutOff.signal.aborted) return;
    if (this.#isStopping && task.parent === null) return; // but what runs may come to its end
    const run = new ActiveRun(this.dependencies.tracer?.begin(task) ?? null);
    if (!task.enter({ at: 'opening', run })) return;
    this.#track(task, run, () => this.dependencies.runner.run(task, run));
  }

  #track(task: ActiveTask, run: ActiveRun, work: () => Promise<Ending | LostRun>): void {
    const done = withCause(task, () => this.#run(task, run, work)); // not because of who let go of the locks
    this.#running.add(done);
    void done.finally(() => this.#running.delete(done));
  }

  async #run(
    task: ActiveTask,
    run: ActiveRun,
    work: () => Promise<Ending | LostRun>,
  ): Promise<void> {
    const came = await work();
    const ending = came.state === 'LOST' ? came.otherwise : came;
    run.span?.end(ending);
    if (this.dependencies.cutOff.signal.aborted) return;
    if (came.state !== 'LOST' || !this.#repeat(task, run)) await this.finisher.finish(task, ending);
  }

  /** Its node was lost: it begins anew at another one, if it may. */
  #repeat(task: ActiveTask, { handler }: ActiveRun): boolean {
    const again = this.dependencies.again(task, handler);
    if (again === null || handler === null) return false;
    this.finisher.replace(task, again);
    this.adopt(again);
    this.resume(again, { next: 'verify', handler });
    return true;
  }

  #fail(task: ActiveTask, error: unknown): void {
    void this.finisher.finish(task, { state: 'FAILED', error: errorOf(error) });
  }
}
