import { decodeExtended, Errno } from '../common/index.js';
import type {
  Claims,
  ProgressReport,
  SubtaskRequest,
  TaskContext,
  TaskWarning,
} from '../sdk/index.js';
import type { ProgressThrottle } from './progress-throttle.js';
import type { TaskLink } from './task-link.js';

/** Warnings of one task that are told; what comes after says nothing new. */
const MAX_WARNINGS = 1_000;

/** What stands behind the instance of a task in a process of its own. */
export class IpcTaskContext implements TaskContext {
  readonly environment: Readonly<Record<string, unknown>>;
  #warnings = 0;

  constructor(
    private readonly link: TaskLink,
    private readonly progress: ProgressThrottle,
  ) {
    this.environment = decodeExtended(link.task.environment) as Record<string, unknown>;
  }

  get id(): number {
    return this.link.task.id;
  }

  get user(): string | null {
    return this.link.task.user;
  }

  get cause(): string {
    return this.link.cause;
  }

  get signal(): AbortSignal {
    return this.link.signal;
  }

  report(progress: ProgressReport): void {
    this.progress.report(progress);
  }

  warn(warning: TaskWarning): void {
    this.#warnings += 1;
    if (this.#warnings > MAX_WARNINGS || this.link.isOver) return;
    const isLast = this.#warnings === MAX_WARNINGS;
    this.link.tell('task', 'warn', [
      isLast
        ? { code: Errno.EOVERFLOW, message: 'Further warnings of this task are left out' }
        : warning,
    ]);
  }

  startSubtask(request: SubtaskRequest): Promise<number> {
    return this.link.ask('task', 'startSubtask', [request]);
  }

  joinSubtask(id: number): Promise<unknown> {
    return this.link.ask('task', 'joinSubtask', [id]);
  }

  abortSubtask(id: number): Promise<boolean> {
    return this.link.ask('task', 'abortSubtask', [id]);
  }

  verifySubtask(name: string, args: readonly unknown[]): Promise<Claims> {
    return this.link.ask('task', 'verifySubtask', [name, args]);
  }
}
