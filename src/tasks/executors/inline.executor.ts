import { Errno, isDispatcherError, messageOf } from '../../common/index.js';
import type { Task } from '../../sdk/index.js';
import type { RunOutcome, TaskAssignment, TaskExecutor, TaskSession } from './executor.js';

/** Stand-in until the real one is merged. */
export class InlineExecutor implements TaskExecutor {
  async open({ handler, args, context }: TaskAssignment): Promise<TaskSession> {
    const loan = handler.lend(context);
    const task = await handler.create(context, loan);
    return {
      isAlive: true,
      run: () => attempt(() => call(task, 'run', args)),
      rollback: () => attempt(() => call(task, 'rollback', args)),
      abort: () => void task.abort?.(),
      kill: () => undefined,
      close: () => loan.giveBack(),
    };
  }
}

function call(task: Task, method: 'run' | 'rollback', args: readonly unknown[]): unknown {
  return (task[method] as ((...args: readonly unknown[]) => unknown) | undefined)?.apply(task, [
    ...args,
  ]);
}

async function attempt(work: () => unknown): Promise<RunOutcome> {
  try {
    return { kind: 'returned', value: await work() };
  } catch (error) {
    const isOurs = isDispatcherError(error);
    return {
      kind: 'threw',
      failure: {
        type: error instanceof Error ? error.name : typeof error,
        code: isOurs ? error.code : Errno.EFAULT,
        message: messageOf(error),
        extra: isOurs ? error.extra : undefined,
        stacktrace: error instanceof Error ? (error.stack ?? '') : '',
        ...((error as { isRetryable?: unknown }).isRetryable === true && {
          isRetryable: true as const,
        }),
      },
    };
  }
}
