import type { Doer } from '../../auth/index.js';
import { abortable, coded } from '../../common/index.js';
import type { Audience } from '../../cluster/index.js';
import type { Clock } from '../../events/index.js';
import type { Claims, Logger } from '../../sdk/index.js';
import type { TaskHookTable } from '../hooks/task-hook-table.js';
import type { ResourceGraph } from '../resources/index.js';
import type { StoredTask } from '../row/task-row.js';
import type { TaskScheduler } from '../scheduler/index.js';
import type { SecretBox } from '../../datastore/index.js';
import type { HistoryBounds, TaskStore } from '../store/task-store.js';
import type { TaskHandler } from '../task-handler.js';
import type { ExecutorSite, OngoingRun } from '../site/executor-site.js';
import { type Executors, LocalSite } from '../site/local-site.js';
import type { TaskHandlers } from '../task-handler-table.js';
import { TaskSeat } from '../task-seat.js';
import type { SubmitRequest } from '../task-submitter.js';
import type { ActiveTask, TaskServices } from './active-task.js';
import { HistoryPruner } from './history-pruner.js';
import { IdempotencyKeys } from './idempotency.js';
import { LiveTasks } from './live-tasks.js';
import { fateOf } from './recovery.js';
import { EngineTaskContext } from './running-context.js';
import { checkSubmission, type Submission } from './submission.js';
import { SubtaskManager } from './subtask-manager.js';
import { resultOf } from './task-error.js';
import type { ClaimResolver } from './task-admission.js';
import { TaskFactory } from './task-factory.js';
import { TaskLifecycle } from './task-lifecycle.js';
import { TaskRecorder } from './task-recorder.js';
import { TaskRunner } from './task-runner.js';
import type { TransitionGuard } from './task-state-machine.js';
import type { TaskTally } from './task-tally.js';
import type { TaskTracer } from './task-tracer.js';
import { type Verdict, Verifier } from './verifier.js';

export interface TaskEngineDependencies {
  readonly handlers: TaskHandlers;
  readonly resources: ResourceGraph;
  readonly hooks: TaskHookTable;
  readonly taskStore: TaskStore;
  readonly secrets: SecretBox;
  readonly executors: Executors;
  /** Not given: this server alone. */
  readonly site?: ExecutorSite;
  /** Not given: a name stands for the same everywhere. */
  readonly resolveClaims?: ClaimResolver;
  readonly publish: (event: string, args: Record<string, unknown>, audience?: Audience) => void;
  readonly clock: Clock;
  readonly now: () => Date;
  readonly logger: Logger;
  /** Null where nothing is traced. */
  readonly tracer: TaskTracer | null;
  /** Whether a user's account, as it is now, may run a task. */
  readonly mayRun: (doer: Doer, task: TaskHandler) => boolean;
  readonly verifyTimeoutMs: number;
  readonly history: HistoryBounds;
  /** Told of a step that no task may take, which is refused; it may throw. As it is, the log says it. */
  readonly onIllegalTransition?: TransitionGuard;
}

interface Recovered {
  readonly task: ActiveTask;
  readonly ongoing: OngoingRun | null;
}

/**
 * Everything that becomes of tasks: verified side by side, admitted in order, started when they have
 * their locks, run by an executor, each state on disk before it is announced. `task-state-machine.ts`
 * says where a task may go from where; here is what takes it there, up to the end.
 *
 * @example
 * const engine = new TaskEngine(dependencies);
 * await engine.open();              // unfinished tasks take their places
 * engine.start();                   // the plugins are loaded: they go on
 * const id = await engine.submit({ name: 'files.copy', args: ['/a', '/b'], sender });
 * const row = await engine.wait(id);
 */
export class TaskEngine extends TaskSeat {
  /** The tasks that have not ended. */
  readonly live = new LiveTasks();
  readonly #lifecycle: TaskLifecycle;
  readonly #subtasks: SubtaskManager;
  readonly #factory: TaskFactory;
  readonly #site: ExecutorSite;
  readonly #keys: IdempotencyKeys;
  readonly #history: HistoryPruner;
  /** Of before the server's last end, until the plugins are loaded. */
  #recovered: Recovered[] = [];
  #isStopping = false;

  /** Each of these knows those before it, and none knows the engine. */
  constructor(private readonly dependencies: TaskEngineDependencies) {
    super();
    const { taskStore, publish, logger, verifyTimeoutMs, history: bounds } = dependencies;
    const { onIllegalTransition = (error) => logger.error(error.message, { error }) } =
      dependencies;
    const cutOff = new AbortController();
    this.#keys = new IdempotencyKeys(taskStore);
    this.#history = new HistoryPruner({ ...dependencies, bounds });
    const verifier = new Verifier({ ...dependencies, timeoutMs: verifyTimeoutMs });
    const site = dependencies.site ?? new LocalSite(dependencies.executors, verifier);
    this.#site = site;
    this.#factory = new TaskFactory({ ...dependencies, site, guard: onIllegalTransition });
    const recorder = new TaskRecorder({ taskStore, publish });
    const runner = new TaskRunner({ ...dependencies, site, recorder, cutOff: cutOff.signal });
    this.#lifecycle = new TaskLifecycle({
      ...{ ...dependencies, live: this.live, recorder, runner, cutOff, site },
      ...{ history: this.#history, again: (task, handler) => this.#again(task, handler) },
    });
    this.#subtasks = new SubtaskManager({
      ...{ ...dependencies, recorder, site, keys: this.#keys },
      ...{ live: this.live, factory: this.#factory, lifecycle: this.#lifecycle },
    });
  }

  async open(): Promise<void> {
    const goingOn = new Map<number, ActiveTask>();
    for (const row of await this.dependencies.taskStore.unfinished()) {
      const parent = row.parent === null ? null : (goingOn.get(row.parent) ?? null);
      const task = this.#factory.recovered(row, this.#subtasks, parent);
      const ongoing = hasBegun(row) ? this.#site.ongoing(row) : null;
      this.#recovered.push({ task, ongoing });
      if (ongoing !== null) goingOn.set(row.id, task);
      else if (parent === null) this.#lifecycle.adopt(task);
    }
  }

  start(): void {
    const recovered = this.#recovered;
    this.#recovered = [];
    // what runs has its locks before anything is granted, and is there before its parts
    for (const { task, ongoing } of recovered) {
      if (ongoing !== null) this.#lifecycle.takeUp(task, ongoing);
    }
    for (const { task, ongoing } of recovered) {
      if (ongoing !== null || task.hasEnded) continue; // it was aborted meanwhile
      if (task.parent !== null) this.#lifecycle.adopt(task);
      const handler = this.dependencies.handlers.get(task.row.name);
      this.#lifecycle.resume(task, fateOf(task, handler));
    }
    this.#history.start();
  }

  /**
   * Takes no more tasks and starts none; resolves when none runs, or after `graceMs`. What still runs
   * then is as after a crash: the next start says what becomes of it.
   */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    await Promise.all([this.#history.stop(), this.#lifecycle.drain(graceMs)]);
  }

  /** Another engine goes on with the tasks: nothing is begun, told or ended here any more. */
  drop(): void {
    this.#isStopping = true;
    this.#lifecycle.cut();
    void this.#history.stop();
  }

  async submit(request: SubmitRequest): Promise<number> {
    const { handlers } = this.dependencies;
    const handler = handlers.get(request.name) ?? (await handlers.require(request.name));
    const submission = this.#check(request, handler);
    if (handler.guard != null) await handler.guard({ ...request, args: submission.args });
    return this.enter(submission);
  }

  /**
   * Makes a task of a submit that was found in order.
   *
   * @throws (rejects with) RpcException why there is no such task
   */
  enter(submission: Submission): Promise<number> {
    const { idempotency } = submission;
    if (idempotency === null) return this.#enter(submission);
    return this.#keys.once(idempotency, () => this.#enter(submission));
  }

  async resultOf(id: number): Promise<unknown> {
    return resultOf(await this.wait(id));
  }

  async wait(id: number, signal?: AbortSignal): Promise<StoredTask> {
    const task = this.live.get(id);
    if (task === undefined) return this.#rowOf(id);
    return signal === undefined ? task.end : abortable(task.end, signal);
  }

  async abort(id: number): Promise<boolean> {
    const task = this.live.get(id);
    if (task !== undefined) return this.#lifecycle.abort(task);
    await this.#rowOf(id);
    return false;
  }

  async plan(request: SubmitRequest): Promise<Verdict> {
    const submission = this.#check(request, await this.dependencies.handlers.require(request.name));
    await submission.handler.guard?.({ ...request, args: submission.args });
    return this.planned(submission);
  }

  /** As {@link plan}, of a submit that was found in order. */
  async planned(submission: Submission): Promise<Verdict> {
    const { handler, args } = submission;
    const task = this.#factory.planned(submission, this.#subtasks);
    const context = new EngineTaskContext(task, 'verify');
    return this.#site.verify({ node: task.row.node ?? null, handler, args, context });
  }

  async assertSubmittable(request: SubmitRequest): Promise<Pick<Submission, 'args'>> {
    return this.#check(request, await this.dependencies.handlers.require(request.name));
  }

  get scheduler(): TaskScheduler {
    return this.#lifecycle.admission.scheduler;
  }

  get ended(): TaskTally {
    return this.#lifecycle.finisher.ended;
  }

  admittedBehind(task: ActiveTask): number | null {
    return this.#lifecycle.admission.precedes(task);
  }

  executorObstacle({ run, row }: ActiveTask): string | null {
    const handler = run?.handler ?? null;
    return handler === null ? null : this.#site.obstacle(row.node ?? null, handler);
  }

  /** For what a running task asks. @throws RpcException ENOENT when there is no such task, or it has ended */
  servicesOf(id: number): { readonly task: ActiveTask; readonly services: TaskServices } {
    const task = this.live.get(id);
    if (task === undefined || task.hasEnded) throw coded('TASK_NOT_FOUND');
    return { task, services: this.#subtasks };
  }

  /** What another task would claim, for one that asks. */
  verifyFor(task: ActiveTask, name: string, args: readonly unknown[]): Promise<Claims> {
    return this.#subtasks.verifySubtask(new EngineTaskContext(task, 'verify'), name, args);
  }

  /** A task whose node was lost, as it begins anew at another one; null when it may not. */
  #again(task: ActiveTask, handler: TaskHandler | null): ActiveTask | null {
    if (handler === null || task.parent !== null || task.isStopped()) return null;
    const { onRestart, executor = 'isolated' } = handler.options;
    // what ran in the server's own process over there cannot be known to have ended
    if (onRestart !== 'requeue' || executor === 'inline') return null;
    const { environment } = task;
    const placing = { handler, environment, parent: null, submittedAt: null };
    const node = this.#site.place(placing) ?? task.row.node;
    const anew = { state: 'CREATED', started_at: null, verified_at: null } as const;
    const row = { ...task.row, ...anew, ...(node !== undefined && { node }) };
    return this.#factory.recovered(row, this.#subtasks);
  }

  #check(request: SubmitRequest, handler: TaskHandler): Submission {
    if (this.#isStopping) throw coded('TASKS_STOPPING');
    return checkSubmission(request, handler, this.dependencies.secrets);
  }

  #enter(submission: Submission): Promise<number> {
    const { failure } = this.dependencies.taskStore;
    if (failure !== null) return Promise.reject(failure);
    const task = this.#factory.submitted(submission, this.#subtasks, null);
    return this.#lifecycle.begin(task, submission.handler);
  }

  async #rowOf(id: number): Promise<StoredTask> {
    const row = await this.dependencies.taskStore.get(id);
    if (row === null) throw coded('TASK_NOT_FOUND');
    return row;
  }
}

function hasBegun({ state }: StoredTask): boolean {
  return state === 'EXECUTING' || state === 'ROLLBACK';
}
