import { coded, type Errno, onAbort } from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import type { TaskOptions } from '../../sdk/index.js';
import type { RunOutcome, TaskSession } from '../executors/executor.js';
import type { ActiveTask } from './active-task.js';

export interface Attempt {
  readonly task: ActiveTask;
  readonly session: TaskSession;
  readonly options: TaskOptions;
}

export interface RetryTools {
  readonly clock: Clock;
  /** Told of each attempt that another follows. */
  readonly warn: (message: string, code: Errno) => void;
}

/** Runs, and runs again after failures that may pass. */
export async function runWithRetries(
  attempt: Attempt,
  { clock, warn }: RetryTools,
): Promise<RunOutcome> {
  const { task, options } = attempt;
  const { attempts, backoffMs } = options.retry ?? { attempts: 1, backoffMs: 0 };
  for (let number = 1; ; number += 1) {
    const outcome = await runOnce(attempt, clock);
    const mayPass = outcome.kind === 'threw' && outcome.failure.isRetryable === true;
    if (!mayPass || number >= attempts || task.isStopped()) return outcome;
    const { message, code } = outcome.failure;
    warn(`Attempt ${number} of ${attempts} failed: ${message}`, code);
    await pause(clock, backoffMs, task.signal);
    if (task.isStopped()) return outcome;
  }
}

async function runOnce({ task, session, options }: Attempt, clock: Clock): Promise<RunOutcome> {
  const { timeoutMs } = options;
  if (timeoutMs === undefined) return session.run();
  const cancel = clock.after(timeoutMs, () => {
    task.stop('timeout', coded('TASK_TIMEOUT', { seconds: timeoutMs / 1_000 }));
    session.abort();
  });
  try {
    return await session.run();
  } finally {
    cancel();
  }
}

function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const over = (): void => {
      cancel();
      forget();
      resolve();
    };
    const cancel = clock.after(delayMs, over);
    const forget = onAbort(signal, over);
  });
}
