import { describeUnfit, Errno, RpcException } from '../common/index.js';
import type { ConfigStore, Datastore } from './datastore.js';
import type { Dispatcher } from './dispatcher.js';
import { injectMembers } from './injected.js';
import type { Logger } from './logger.js';
import { SubtaskHandle } from './subtask-handle.js';
import { contextOf } from './task-context.js';
import type { Claims, TaskDescription } from './claims.js';
import type { TaskMembers } from './server-members.js';

/**
 * Base of a task handler: the only kind of code that changes the system. `verify` says which
 * resources it needs, `run` does the work while they are locked, `rollback` undoes half of it.
 *
 * `verify` and `describe` run in the server, each on an instance of its own; `run` and `rollback` on
 * one instance in the executor, unless that died in between. An isolated task's executor is another
 * process: what a provider of the plugin keeps in memory is not there.
 *
 * The parameters of the methods are those of `@accepts`; they are declared as methods, whose
 * parameters TypeScript compares both ways, so that a subclass may name its own.
 */
export abstract class Task implements TaskMembers {
  /** Text shown until `verify` has ended. */
  static readonly earlyDescribe?: string;

  readonly dispatcher!: Dispatcher;
  readonly datastore!: Datastore;
  readonly configstore!: ConfigStore;
  readonly logger!: Logger;

  describe?(...args: never[]): string | TaskDescription;
  abstract verify(...args: never[]): Claims | Promise<Claims>;
  abstract run(...args: never[]): unknown;
  rollback?(...args: never[]): void | Promise<void>;
  /** Asks a running task to stop; false when it cannot, and then its executor is ended at once. */
  abort?(): boolean;

  /** The task's number, that of its row; 0 in the verify of one that is only planned (`task.plan`). */
  get id(): number {
    return contextOf(this).id;
  }

  /** Who submitted the task; null when nobody was logged in. */
  get user(): string | null {
    return contextOf(this).user;
  }

  /**
   * What was submitted along with the arguments, with `ID`, `SENDER_ADDRESS` and `SENDER_ROLES`: the
   * roles that whoever submitted it had then, those of an admin for plugins and services.
   */
  get environment(): Readonly<Record<string, unknown>> {
    return contextOf(this).environment;
  }

  /** Fires when the task is aborted or its time is over: hand it to whatever waits. */
  get signal(): AbortSignal {
    return contextOf(this).signal;
  }

  /**
   * Tells how far the task is. What is told too often is left out, never the last.
   *
   * @param percentage 0 to 100, values outside are brought inside; null when it cannot be known
   * @throws RpcException EINVAL when it is no number, or `extra` holds one that JSON has no form for
   * @example
   * this.setProgress((100 * done) / total, `Copied ${done} of ${total} bytes`, { done, total });
   */
  setProgress(percentage: number | null, message?: string, extra?: unknown): void {
    if (percentage !== null && (typeof percentage !== 'number' || Number.isNaN(percentage))) {
      throw new RpcException(
        Errno.EINVAL,
        `Progress is a number from 0 to 100 or null, not ${String(percentage)}`,
      );
    }
    assertFit(extra);
    contextOf(this).report({
      percentage: percentage === null ? null : Math.min(100, Math.max(0, percentage)),
      message: message ?? null,
      extra: extra ?? null,
    });
  }

  /** Notes something that went wrong without making the task fail; it is kept in the task's row. */
  addWarning(code: Errno, message: string, extra?: unknown): void {
    assertFit(extra);
    contextOf(this).warn({ code, message, ...(extra !== undefined && { extra }) });
  }

  /**
   * Starts another task as a part of this one. Its claims must be locked by this task or free at
   * once, else it fails with EBUSY; subtasks of one parent that conflict run in the order in which
   * they were started. A subtask that still runs when its parent ends is aborted.
   *
   * @example
   * const handles = disks.map((disk) => this.runSubtask('disk.format', disk));
   * await this.joinSubtasks(...handles);
   */
  runSubtask<T = unknown>(name: string, ...args: unknown[]): SubtaskHandle<T> {
    return new SubtaskHandle<T>(contextOf(this), name, args);
  }

  /**
   * Waits until all the subtasks have ended and gives their results, in the order of the handles.
   *
   * @throws (rejects with) RpcException with code and message of the first that failed, in that order
   */
  async joinSubtasks(...handles: SubtaskHandle[]): Promise<unknown[]> {
    const outcomes = await Promise.allSettled(handles.map((handle) => handle.join()));
    return outcomes.map((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    });
  }

  /** Starts a subtask and waits for it. @throws (rejects with) what {@link joinSubtasks} throws */
  runSubtaskSync<T = unknown>(name: string, ...args: unknown[]): Promise<T> {
    return this.runSubtask<T>(name, ...args).join();
  }

  /**
   * What another task would claim for these arguments, so that this one can claim it in `verify`.
   *
   * @throws (rejects with) what the other's `verify` throws; EINVAL when there is no such task
   */
  verifySubtask(name: string, ...args: unknown[]): Promise<Claims> {
    return contextOf(this).verifySubtask(name, args);
  }
}
injectMembers(Task);

/** Told where the number is, not by a task that fails later, when the report is written. */
function assertFit(extra: unknown): void {
  const unfit = describeUnfit(extra);
  if (unfit !== null) throw new RpcException(Errno.EINVAL, `extra: ${unfit}`);
}
