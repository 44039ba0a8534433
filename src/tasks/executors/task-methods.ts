import { Errno } from '../../common/index.js';
import type { Task, TaskWarning } from '../../sdk/index.js';
import { toRunFailure } from './run-failure.js';

export type Step = 'run' | 'rollback';

/** Calls `run`, or `rollback` when the task has one. */
export function perform(task: Task, step: Step, args: readonly unknown[]): unknown {
  const methods = task as unknown as Partial<Record<Step, (...args: unknown[]) => unknown>>;
  return methods[step]?.(...args);
}

/**
 * Asks a task to stop. False only when it says so itself: what goes wrong in there is a warning,
 * and the task has its grace time all the same.
 */
export function askToStop(task: Task, warn: (warning: TaskWarning) => void): boolean {
  const failed = (error: unknown): void => {
    const { message } = toRunFailure(error);
    warn({ code: Errno.EFAULT, message: `abort() failed: ${message}` });
  };
  try {
    const answer: unknown = task.abort?.();
    // TypeScript lets nobody do this, JavaScript does
    if (answer instanceof Promise) answer.catch(failed);
    return answer !== false;
  } catch (error) {
    failed(error);
    return true;
  }
}
