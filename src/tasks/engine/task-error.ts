import { coded, Errno, isDispatcherError, messageOf, RpcException } from '../../common/index.js';
import type { RunFailure } from '../executors/executor.js';
import type { StoredTask, TaskError } from '../row/task-row.js';

/** What the row of a failed task keeps of it. */
export function toTaskError({ type, code, message, extra, stacktrace }: RunFailure): TaskError {
  return { type, code, message, extra: extra ?? null, stacktrace };
}

/** Of an error that the engine itself raised. */
export function errorOf(error: unknown): TaskError {
  if (!isDispatcherError(error)) {
    return {
      type: error instanceof Error ? error.name : typeof error,
      code: Errno.EFAULT,
      message: messageOf(error),
      extra: null,
      stacktrace: error instanceof Error ? (error.stack ?? null) : null,
    };
  }
  const { name, code, message, extra, stack } = error;
  return { type: name, code, message, extra: extra ?? null, stacktrace: stack ?? null };
}

/** The result of an ended task, for who waits for it. @throws RpcException with what it failed with */
export function resultOf({ id, name, state, result, error }: StoredTask): unknown {
  if (state === 'FINISHED') return result;
  if (error === null) throw coded('TASK_ABORTED', { id, task: name });
  throw new RpcException(error.code, error.message, error.extra);
}
