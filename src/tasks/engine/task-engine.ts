import { attempt, coded } from '../../common/index.js';
import type { Audience, Clock } from '../../events/index.js';
import type { Logger } from '../../sdk/index.js';
import type { TaskExecutor } from '../executors/executor.js';
import type { TaskHookTable } from '../hooks/task-hook-table.js';
import type { SecretBox } from '../store/secret-box.js';
import type { HistoryBounds, TaskStore } from '../store/task-store.js';
import type { ResourceGraph } from '../resources/index.js';
import type { StoredTask } from '../row/task-row.js';
import { errorOf, resultOf } from './task-error.js';
import { type ScheduleOutcome, TaskScheduler } from '../scheduler/index.js';
import type { SubmitRequest, TaskSubmitter } from '../task-submitter.js';
import type { TaskHandler } from '../task-handler.js';
import type { TaskHandlerTable } from '../task-handler-table.js';
import { HistoryPruner } from './history-pruner.js';
import { IdempotencyKeys } from './idempotency.js';
import type { ActiveTask } from './active-task.js';
import { newTask } from './new-task.js';
import { Recovery } from './recovery.js';
import { EngineTaskContext } from './running-context.js';
import { checkSubmission, type Submission } from './submission.js';
import { SubtaskManager } from './subtask-manager.js';
import { TaskLifecycle } from './task-lifecycle.js';
import { TaskRecorder } from './task-recorder.js';
import type { TaskTally } from './task-tally.js';
import { TaskRunner } from './task-runner.js';
import type { TaskTracer } from './task-tracer.js';
import { type Verdict, Verifier } from './verifier.js';

export interface TaskEngineDependencies {
  readonly handlers: TaskHandlerTable;
  readonly resources: ResourceGraph;
  readonly hooks: TaskHookTable;
  readonly taskStore: TaskStore;
  readonly secrets: SecretBox;
  readonly executors: { readonly inline: TaskExecutor; readonly isolated: TaskExecutor };
  readonly publish: (event: string, args: Record<string, unknown>, audience?: Audience) => void;
  readonly clock: Clock;
  readonly now: () => Date;
  readonly logger: Logger;
  /** Null where nothing is traced. */
  readonly tracer: TaskTracer | null;
  /** Whether a user's account, as it is now, may run a task. */
  readonly mayRun: (user: string, task: TaskHandler) => boolean;
  readonly verifyTimeoutMs: number;
  readonly history: HistoryBounds;
}

/**
 * Everything that becomes of tasks: verified side by side, admitted in order, started when the
 * scheduler says so, run by an executor, each state on disk before it is announced.
 *
 * @example
 * const engine = new TaskEngine(dependencies);
 * await engine.open();              // unfinished tasks take their places
 * engine.start();                   // the plugins are loaded: they go on
 * const id = await engine.submit({ name: 'files.copy', args: ['/a', '/b'], sender });
 * const row = await engine.wait(id);
 */
export class TaskEngine implements TaskSubmitter {
  readonly scheduler: TaskScheduler;
  readonly #life: TaskLifecycle;
  readonly #subtasks: SubtaskManager;
  readonly #verifier: Verifier;
  readonly #keys: IdempotencyKeys;
  readonly #history: HistoryPruner;
  readonly #recovery: Recovery;
  #isStopping = false;

  constructor(private readonly dependencies: TaskEngineDependencies) {
    const { clock, taskStore, publish, executors, history } = dependencies;
    this.scheduler = new TaskScheduler({
      graph: dependencies.resources,
      onOutcome: (outcome) => this.#onOutcome(outcome),
    });
    const recorder = new TaskRecorder({ taskStore, publish });
    const verifier = new Verifier({ ...dependencies, timeoutMs: dependencies.verifyTimeoutMs });
    const subtasks = new SubtaskManager({
      ...dependencies,
      recorder,
      verifier,
      life: () => this.#life,
      create: (submission, parent) => this.#create(submission, parent),
    });
    const runner = new TaskRunner({
      ...dependencies,
      recorder,
      executorOf: ({ options }) => executors[options.executor ?? 'isolated'],
      runSubtask: (parent, name, args) => subtasks.run(parent, name, args),
      endSubtasks: (parent) => subtasks.endAll(parent),
      isCutOff: () => this.#life.isCutOff,
      warn: (task, warning) => subtasks.warn(task, warning),
    });
    this.#life = new TaskLifecycle({
      ...dependencies,
      scheduler: this.scheduler,
      recorder,
      verifier,
      runner,
      servant: subtasks,
      clock,
      onEnded: () => this.#history.count(),
    });
    this.#verifier = verifier;
    this.#subtasks = subtasks;
    this.#keys = new IdempotencyKeys(taskStore);
    this.#history = new HistoryPruner({ ...dependencies, bounds: history });
    this.#recovery = new Recovery({ ...dependencies, life: this.#life });
  }

  /** Takes up the tasks that had not ended, before anybody can submit another. */
  open(): Promise<void> {
    return this.#recovery.open();
  }

  /** Lets them go on; to be called when the plugins are loaded. */
  start(): void {
    this.#recovery.start();
    this.#history.start();
  }

  /**
   * Takes no more tasks and starts none; resolves when none runs, or after `graceMs`. What still runs
   * then is as after a crash: the next start says what becomes of it.
   */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    await Promise.all([this.#history.stop(), this.#life.drain(graceMs)]);
  }

  /** @throws (rejects with) RpcException why there is no such task */
  submit(request: SubmitRequest): Promise<number> {
    const { handlers } = this.dependencies;
    const handler = handlers.get(request.name);
    if (handler !== undefined) return this.#submitTo(handler, request);
    return handlers.require(request.name).then((found) => this.#submitTo(found, request));
  }

  #submitTo(handler: TaskHandler, request: SubmitRequest): Promise<number> {
    return attempt(() => {
      const submission = this.#check(request, handler);
      const { idempotency } = submission;
      if (idempotency === null) return this.#enter(submission);
      return this.#keys.once(idempotency, () => this.#enter(submission));
    });
  }

  async resultOf(id: number): Promise<unknown> {
    return resultOf(await this.wait(id));
  }

  /**
   * Resolves with the row of the task once it has ended and that can be read.
   *
   * @throws (rejects with) RpcException ENOENT; the signal's reason when it fires first
   */
  async wait(id: number, signal?: AbortSignal): Promise<StoredTask> {
    const task = this.#life.get(id);
    if (task === undefined) return this.#rowOf(id);
    if (signal === undefined) return task.end;
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      void task.end.then((row) => {
        signal.removeEventListener('abort', stop);
        resolve(row);
      });
    });
  }

  /**
   * Tells a task to stop; true when it will end because of that.
   *
   * @throws (rejects with) RpcException ENOENT
   */
  async abort(id: number): Promise<boolean> {
    const task = this.#life.get(id);
    if (task !== undefined) return this.#life.abort(task);
    await this.#rowOf(id);
    return false;
  }

  /**
   * What a task would claim and say of itself, without being submitted.
   *
   * @throws (rejects with) RpcException what its submit would, and what its verify would
   */
  async plan(request: SubmitRequest): Promise<Verdict> {
    const { handlers } = this.dependencies;
    const submission = this.#check(request, await handlers.require(request.name));
    const { secrets, now } = this.dependencies;
    const task = newTask(submission, { id: 0, parent: null, secrets, now: now() });
    const context = new EngineTaskContext(task, this.#subtasks, 'verify');
    return this.#verifier.verify(submission.handler, submission.args, context);
  }

  /** A task that has not ended. */
  live(id: number): ActiveTask | undefined {
    return this.#life.get(id);
  }

  /** How tasks ended since the start. */
  get ended(): TaskTally {
    return this.#life.ended;
  }

  liveTasks(): Iterable<ActiveTask> {
    return this.#life.all();
  }

  /** The task that this one has to be admitted behind; null when there is none. */
  admittedBehind({ id, parent }: ActiveTask): number | null {
    return (parent === null ? this.#life.line : this.#life.childQueueOf(parent)).precedes(id);
  }

  /** Why no executor can be started for it at the moment; null when nothing is known to hinder. */
  executorObstacle({ handler }: ActiveTask): string | null {
    return this.dependencies.executors[handler?.options.executor ?? 'isolated'].obstacle;
  }

  #check(request: SubmitRequest, handler: TaskHandler): Submission {
    if (this.#isStopping) throw coded('TASKS_STOPPING');
    return checkSubmission(request, handler, this.dependencies.secrets);
  }

  #enter(submission: Submission): Promise<number> {
    const { failure } = this.dependencies.taskStore;
    if (failure !== null) return Promise.reject(failure);
    return this.#life.begin(this.#create(submission, null));
  }

  #create(submission: Submission, parent: ActiveTask | null): ActiveTask {
    const { taskStore, secrets, now, tracer } = this.dependencies;
    const task = newTask(submission, { id: taskStore.nextId(), parent, secrets, now: now() });
    if (tracer !== null) task.origin = tracer.present(parent);
    return task;
  }

  async #rowOf(id: number): Promise<StoredTask> {
    const row = await this.dependencies.taskStore.get(id);
    if (row === null) throw coded('TASK_NOT_FOUND');
    return row;
  }

  #onOutcome(outcome: ScheduleOutcome): void {
    if (outcome.kind === 'started') {
      this.#life.started(outcome.task);
      return;
    }
    const task = this.#life.get(outcome.task);
    const ending = { state: 'FAILED', error: errorOf(outcome.error) } as const;
    if (task !== undefined) void this.#life.finish(task, ending);
  }
}
