import { coded, withFields } from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import type {
  Claims,
  ProgressReport,
  SubtaskRequest,
  TaskContext,
  TaskWarning,
} from '../../sdk/index.js';
import type { TaskStore } from '../store/task-store.js';
import type { TaskHandler } from '../task-handler.js';
import type { TaskHandlers } from '../task-handler-table.js';
import type { ActiveTask } from './active-task.js';
import type { LiveTasks } from './live-tasks.js';
import { ProgressMeter } from './progress-meter.js';
import type { TaskServices } from './active-task.js';
import type { IdempotencyKeys } from './idempotency.js';
import { askedArguments, type Submission } from './submission.js';
import { resultOf } from './task-error.js';
import type { TaskFactory } from './task-factory.js';
import type { TaskLifecycle } from './task-lifecycle.js';
import type { TaskRecorder } from './task-recorder.js';
import type { ExecutorSite } from '../site/executor-site.js';

export interface SubtaskManagerDependencies {
  readonly live: LiveTasks;
  readonly lifecycle: TaskLifecycle;
  readonly factory: TaskFactory;
  readonly handlers: TaskHandlers;
  readonly taskStore: TaskStore;
  readonly recorder: TaskRecorder;
  readonly site: ExecutorSite;
  readonly keys: IdempotencyKeys;
  readonly clock: Clock;
  readonly now: () => Date;
}

/** What running tasks ask for: their progress to be told, and other tasks to be run as a part of them. */
export class SubtaskManager implements TaskServices {
  constructor(private readonly dependencies: SubtaskManagerDependencies) {}

  report(task: ActiveTask, progress: ProgressReport): void {
    const { run } = task;
    if (run === null || task.hasEnded) return;
    const { clock, recorder } = this.dependencies;
    run.meter ??= new ProgressMeter({
      clock,
      publish: (last) => recorder.progress(task, last),
      write: () => recorder.note(task, { progress: run.meter?.last ?? progress }),
    });
    run.meter.report(progress);
    this.#passOn(task, progress);
  }

  warn(task: ActiveTask, { code, message, extra }: TaskWarning): void {
    if (task.hasEnded) return;
    const warning = { code, message, extra: extra ?? null, at: this.dependencies.now() };
    this.dependencies.recorder.note(task, { warnings: [...task.row.warnings, warning] });
  }

  async startSubtask(parent: ActiveTask, request: SubtaskRequest, call?: string): Promise<number> {
    const { handlers, keys } = this.dependencies;
    const handler = await handlers.require(request.name);
    const args = await askedArguments(handler, request.args, false);
    const checked = { ...request, args };
    if (call === undefined) return this.#start(parent, handler, { ...checked, idempotency: null });
    const key = JSON.stringify(['subtask', parent.id, call]);
    const idempotency = { key, digest: '', shown: key };
    return keys.once(idempotency, () => this.#start(parent, handler, { ...checked, idempotency }));
  }

  #start(
    parent: ActiveTask,
    handler: TaskHandler,
    { args, slice, idempotency }: SubtaskRequest & Pick<Submission, 'idempotency'>,
  ): Promise<number> {
    if (!parent.isAtWork) throw coded('PARENT_ENDED', { id: parent.id });
    const { user, owner, api_key = null, session } = parent.row;
    const environment = withFields(parent.environment, { parent: parent.id });
    const submission = {
      ...{ handler, args, user, owner, api_key, session, environment },
      idempotency,
    };
    const { lifecycle, factory } = this.dependencies;
    const link = { task: parent, slice: slice ?? null };
    return lifecycle.begin(factory.submitted(submission, this, link), handler);
  }

  async joinSubtask(parent: ActiveTask, id: number): Promise<unknown> {
    const task = this.dependencies.live.get(id);
    if (task?.parent === parent) {
      const row = await task.end;
      if (row.state === 'FINISHED' && task.slice !== null) {
        this.#passOn(task, { percentage: 100, message: row.progress.message, extra: null });
      }
      return resultOf(row);
    }
    const row = await this.dependencies.taskStore.get(id);
    if (row?.parent !== parent.id) throw coded('TASK_NOT_FOUND');
    return resultOf(row);
  }

  abortSubtask(parent: ActiveTask, id: number): boolean {
    const task = this.dependencies.live.get(id);
    return task?.parent === parent && this.dependencies.lifecycle.abort(task);
  }

  async verifySubtask(
    context: TaskContext,
    name: string,
    args: readonly unknown[],
  ): Promise<Claims> {
    const { handlers, site, live } = this.dependencies;
    const handler = await handlers.require(name);
    const asked = { handler, args: await askedArguments(handler, args, false), context };
    const node = live.get(context.id)?.row.node ?? null;
    return (await site.verify({ node, ...asked })).claims;
  }

  async runSubtask(parent: ActiveTask, name: string, args: readonly unknown[]): Promise<unknown> {
    return this.joinSubtask(parent, await this.startSubtask(parent, { name, args }));
  }

  async endSubtasks(parent: ActiveTask): Promise<void> {
    const children = parent.run?.children ?? [];
    for (const child of children) this.dependencies.lifecycle.abort(child);
    await Promise.all(Array.from(children, ({ end }) => end));
  }

  #passOn({ parent, slice }: ActiveTask, { percentage, ...rest }: ProgressReport): void {
    if (parent === null || slice === null || percentage === null) return;
    const share = slice.from + ((slice.to - slice.from) * percentage) / 100;
    this.report(parent, { ...rest, percentage: Math.min(100, Math.max(0, share)) });
  }
}
