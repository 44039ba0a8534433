import { coded } from '../../common/index.js';
import type {
  Claims,
  ProgressReport,
  SubtaskRequest,
  TaskContext,
  TaskWarning,
} from '../../sdk/index.js';
import type { ActiveTask } from './active-task.js';

/** What a task asks of the engine while it runs. */
export interface SubtaskService {
  report(task: ActiveTask, progress: ProgressReport): void;
  warn(task: ActiveTask, warning: TaskWarning): void;
  startSubtask(task: ActiveTask, request: SubtaskRequest): Promise<number>;
  joinSubtask(task: ActiveTask, id: number): Promise<unknown>;
  abortSubtask(task: ActiveTask, id: number): boolean;
  verifySubtask(context: TaskContext, name: string, args: readonly unknown[]): Promise<Claims>;
}

/** What stands behind a task's instance; one for its verify, one for its run. */
export class EngineTaskContext implements TaskContext {
  readonly id: number;
  readonly user: string | null;
  readonly environment: Readonly<Record<string, unknown>>;

  constructor(
    private readonly task: ActiveTask,
    private readonly servant: SubtaskService,
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
    if (this.phase === 'run') this.servant.report(this.task, progress);
  }

  warn(warning: TaskWarning): void {
    this.servant.warn(this.task, warning);
  }

  async startSubtask(request: SubtaskRequest): Promise<number> {
    if (this.phase === 'verify') throw coded('NOT_FROM_VERIFY');
    return this.servant.startSubtask(this.task, request);
  }

  joinSubtask(id: number): Promise<unknown> {
    return this.servant.joinSubtask(this.task, id);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a rejection, never a throw
  async abortSubtask(id: number): Promise<boolean> {
    return this.servant.abortSubtask(this.task, id);
  }

  verifySubtask(name: string, args: readonly unknown[]): Promise<Claims> {
    return this.servant.verifySubtask(this, name, args);
  }
}
