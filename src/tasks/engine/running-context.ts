import { coded } from '../../common/index.js';
import type {
  Claims,
  ProgressReport,
  SubtaskRequest,
  TaskContext,
  TaskWarning,
} from '../../sdk/index.js';
import type { ActiveTask } from './active-task.js';

/** What stands behind a task's instance; one for its verify, one for its run. */
export class EngineTaskContext implements TaskContext {
  readonly id: number;
  readonly user: string | null;
  readonly environment: Readonly<Record<string, unknown>>;

  constructor(
    private readonly task: ActiveTask,
    private readonly phase: 'verify' | 'run',
  ) {
    this.id = task.id;
    this.user = task.row.user;
    this.environment = task.environment;
  }

  get cause(): string {
    return this.task.cause;
  }

  get signal(): AbortSignal {
    return this.task.signal;
  }

  report(progress: ProgressReport): void {
    if (this.phase === 'run') this.task.services.report(this.task, progress);
  }

  warn(warning: TaskWarning): void {
    this.task.services.warn(this.task, warning);
  }

  async startSubtask(request: SubtaskRequest): Promise<number> {
    if (this.phase === 'verify') throw coded('NOT_FROM_VERIFY');
    return this.task.services.startSubtask(this.task, request);
  }

  joinSubtask(id: number): Promise<unknown> {
    return this.task.services.joinSubtask(this.task, id);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a rejection, never a throw
  async abortSubtask(id: number): Promise<boolean> {
    return this.task.services.abortSubtask(this.task, id);
  }

  verifySubtask(name: string, args: readonly unknown[]): Promise<Claims> {
    return this.task.services.verifySubtask(this, name, args);
  }
}
