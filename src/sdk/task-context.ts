import type { Errno } from '../common/index.js';
import type { Claims } from './claims.js';

/** How far a task is. */
export interface ProgressReport {
  /** From 0 to 100; null when it cannot be known. */
  readonly percentage: number | null;
  readonly message: string | null;
  /** Anything else worth telling, as JSON. */
  readonly extra: unknown;
}

/** Something that went wrong without making the task fail; kept in its row. */
export interface TaskWarning {
  readonly code: Errno;
  readonly message: string;
  readonly extra?: unknown;
}

/** The part of a parent's progress, in percent, that a subtask's 0 to 100 fills. */
export interface ProgressSlice {
  readonly from: number;
  readonly to: number;
}

export interface SubtaskRequest {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly slice?: ProgressSlice;
}

/**
 * What stands behind a task while it runs: the executor that made the instance binds one to it.
 * The same for a task inside the server and for one in a process of its own.
 */
export interface TaskContext {
  readonly id: number;
  readonly user: string | null;
  readonly environment: Readonly<Record<string, unknown>>;
  /** The id of what the task was submitted because of. */
  readonly cause: string;
  readonly signal: AbortSignal;
  report(progress: ProgressReport): void;
  warn(warning: TaskWarning): void;
  /**
   * Resolves with the subtask's id once its row is on disk.
   *
   * @throws (rejects with) RpcException EINVAL for an unknown task or arguments that do not fit
   */
  startSubtask(request: SubtaskRequest): Promise<number>;
  /** The subtask's result. @throws (rejects with) RpcException with the code it failed with */
  joinSubtask(id: number): Promise<unknown>;
  /** Whether the subtask will end because of it. */
  abortSubtask(id: number): Promise<boolean>;
  /** What another task would claim for these arguments. */
  verifySubtask(name: string, args: readonly unknown[]): Promise<Claims>;
}

const contexts = new WeakMap<object, TaskContext>();

/** Gives an instance of a task what stands behind it; for executors, before any of its methods runs. */
export function bindTask(task: object, context: TaskContext): void {
  contexts.set(task, context);
}

/** @throws Error for an instance that no executor made */
export function contextOf(task: object): TaskContext {
  const context = contexts.get(task);
  if (context !== undefined) return context;
  throw new Error('This task was not made by an executor: it has no id, no progress, no subtasks');
}
