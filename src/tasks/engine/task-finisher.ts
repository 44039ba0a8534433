import { coded, errnoName, withCause } from '../../common/index.js';
import type { Logger } from '../../sdk/index.js';
import { type ActiveTask, END_STAGES } from './active-task.js';
import type { Ending } from './ending.js';
import type { TaskError } from '../row/task-row.js';
import type { ExecutorSite } from '../site/executor-site.js';
import type { LiveTasks } from './live-tasks.js';
import type { TaskAdmission } from './task-admission.js';
import { errorOf } from './task-error.js';
import type { TaskRecorder } from './task-recorder.js';
import { TaskTally } from './task-tally.js';

export interface TaskFinisherDependencies {
  readonly live: LiveTasks;
  readonly admission: TaskAdmission;
  readonly recorder: TaskRecorder;
  readonly now: () => Date;
  readonly logger: Logger;
  /** Told of each that has ended. */
  readonly history: { count(): void };
  readonly site: Pick<ExecutorSite, 'ended'>;
}

/** Brings tasks to their end: the last row, then the locks, then those who wait for it. */
export class TaskFinisher {
  readonly ended = new TaskTally();

  constructor(private readonly dependencies: TaskFinisherDependencies) {}

  /**
   * The last row is on its way to the disk before the locks are free: whoever they let go starts
   * behind it. Resolves when it can be read; at once for a task that has ended before.
   */
  finish(task: ActiveTask, ending: Ending): Promise<void> {
    return withCause(task, () => this.#finish(task, ending));
  }

  async #finish(task: ActiveTask, ending: Ending): Promise<void> {
    if (task.hasEnded) return;
    const { run } = task;
    run?.meter?.flush();
    const { recorder, admission, now, history, site } = this.dependencies;
    const progress = run?.meter?.last ?? task.row.progress;
    const isEntered = task.enter(
      { at: END_STAGES[ending.state], run },
      {
        finished_at: now(),
        output: run?.output.text ?? null,
        sealed: null,
        progress: ending.state === 'FINISHED' ? { ...progress, percentage: 100 } : progress,
        ...(ending.state === 'FINISHED' && { result: ending.result }),
        ...(ending.state === 'FAILED' && { error: ending.error }),
      },
    );
    if (!isEntered) return;
    if (ending.state === 'FAILED') this.#tell(task, ending.error);
    const stored = recorder.changed(task, (error) => this.#finishWithout(task, error));
    admission.leave(task);
    await stored;
    this.#count(task, ending);
    history.count();
    site.ended(task.row);
    this.#forget(task);
  }

  /** Its first row could not be stored, so there never was such a task. */
  disown(task: ActiveTask): void {
    const { run } = task;
    if (!task.hasEnded && !task.enter({ at: 'disowned', run })) return;
    task.stop('abort', coded('TASK_NOT_FOUND'));
    this.dependencies.admission.leave(task);
    this.dependencies.site.ended(task.row);
    this.#forget(task);
  }

  /** It goes on as another one, which ends for it. */
  replace(task: ActiveTask, by: ActiveTask): void {
    if (!task.enter({ at: 'disowned', run: task.run })) return;
    this.dependencies.admission.leave(task);
    this.dependencies.live.remove(task);
    void by.end.then((last) => task.announceEnd(last));
  }

  /** The store refuses the row, most likely for its result or output: the task ends without them. */
  async #finishWithout(task: ActiveTask, error: unknown): Promise<void> {
    if (task.stored === null) return; // there never was such a task
    const { recorder, logger } = this.dependencies;
    logger.error(`The end of task ${task.id} could not be stored as it was`, { error });
    const bare = { result: null, output: null, error: errorOf(error) };
    task.enter({ at: 'failed', run: task.run }, bare);
    await recorder.changed(task, () => undefined);
  }

  /** Whoever looks for what went wrong finds it in the log, under the task. */
  #tell({ id, row: { name } }: ActiveTask, { code, message }: TaskError): void {
    const what = `Task ${id} (${name}) has failed`;
    this.dependencies.logger.info(`${what}: ${errnoName(code)}: ${message}`, { task: id });
  }

  #count({ row }: ActiveTask, { state }: Ending): void {
    const begunAt = row.started_at ?? row.finished_at;
    const runMs = (row.finished_at?.getTime() ?? 0) - (begunAt?.getTime() ?? 0);
    this.ended.count(row.name, state, runMs);
  }

  #forget(task: ActiveTask): void {
    this.dependencies.live.remove(task);
    task.announceEnd();
  }
}
