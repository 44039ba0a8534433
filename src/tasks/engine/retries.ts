import { coded, type Errno, onAbort } from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import type { TaskOptions } from '../../sdk/index.js';
import type { SiteOutcome, SiteSession } from '../site/executor-site.js';
import type { ActiveTask } from './active-task.js';

export interface Attempt {
  readonly task: ActiveTask;
  readonly session: SiteSession;
  readonly options: TaskOptions;
  /** How far an earlier leader had come; null for a run that begins here. */
  readonly ongoing: { readonly attempt: number; readonly elapsedMs: number } | null;
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
): Promise<SiteOutcome> {
  const { task, options, ongoing } = attempt;
  const { attempts, backoffMs } = options.retry ?? { attempts: 1, backoffMs: 0 };
  const first = Math.max(1, ongoing?.attempt ?? 1);
  for (let number = first; ; number += 1) {
    const beforeMs = number === first ? (ongoing?.elapsedMs ?? 0) : 0;
    const outcome = await runOnce(attempt, { clock, beforeMs });
    const mayPass = outcome.kind === 'threw' && outcome.failure.isRetryable === true;
    if (!mayPass || number >= attempts || task.isStopped()) return outcome;
    const { message, code } = outcome.failure;
    warn(`Attempt ${number} of ${attempts} failed: ${message}`, code);
    await pause(clock, backoffMs, task.signal);
    if (task.isStopped()) return outcome;
  }
}

async function runOnce(
  { task, session, options }: Attempt,
  { clock, beforeMs }: { readonly clock: Clock; readonly beforeMs: number },
): Promise<SiteOutcome> {
  const { timeoutMs } = options;
  if (timeoutMs === undefined) return session.run();
  const cancel = clock.after(Math.max(0, timeoutMs - beforeMs), () => {
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
