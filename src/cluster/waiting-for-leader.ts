import { coded, onAbort } from '../common/index.js';
import type { Leader, Leadership } from './leadership.js';

/**
 * @param deadlineMs - by the clock of `performance.now()`
 * @throws (rejects with) RpcException EBUSY when nobody leads by then; the signal's reason
 */
export async function leaderBy(
  leadership: Leadership,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Leader> {
  for (;;) {
    signal.throwIfAborted();
    const { leader } = leadership;
    if (leader !== null) return leader;
    const leftMs = deadlineMs - performance.now();
    if (leftMs <= 0) throw coded('NO_LEADER');
    await leaderMayHaveChanged(leadership, leftMs, signal);
  }
}

/** Resolves when it may be another one that leads, when the signal fires, or after so long. */
export function leaderMayHaveChanged(
  leadership: Leadership,
  withinMs: number,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      clearTimeout(timer);
      stop();
      forget();
      resolve();
    };
    const timer = setTimeout(settle, withinMs);
    const stop = leadership.onChange(settle);
    const forget = onAbort(signal, () => setImmediate(settle));
  });
}
