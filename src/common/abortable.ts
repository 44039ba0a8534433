import { deferred } from './deferred.js';

const NOTHING = (): void => undefined;

/**
 * Calls `act` once when the signal fires, at once when it has fired already; the returned function
 * ends that and may be called more than once. Without a signal nothing ever happens.
 *
 * @example
 * const forget = onAbort(signal, () => child.kill());
 * try {
 *   await once(child, 'exit');
 * } finally {
 *   forget();
 * }
 */
export function onAbort(signal: AbortSignal | null | undefined, act: () => void): () => void {
  if (signal == null) return NOTHING;
  if (signal.aborted) {
    act();
    return NOTHING;
  }
  signal.addEventListener('abort', act, { once: true });
  return () => signal.removeEventListener('abort', act);
}

/**
 * What `work` comes to, or the signal's reason when that fires first. The work itself goes on: hand it
 * the signal, too, if it can stop. That it fails after the signal is silent.
 *
 * @throws (rejects with) what `work` rejects with; the signal's reason
 *
 * @example
 * const row = await abortable(readSlowly(id), signal);
 */
export async function abortable<T>(work: PromiseLike<T>, signal?: AbortSignal | null): Promise<T> {
  const aborted = deferred<never>();
  const forget = onAbort(signal, () => aborted.reject(signal?.reason));
  try {
    return await Promise.race([aborted.promise, work]);
  } finally {
    forget();
  }
}
