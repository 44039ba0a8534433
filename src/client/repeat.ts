import { Errno, onAbort } from '../common/portable.js';
import { type CallOptions, type Request, requestOnce } from './calls.js';
import { canceled, DispatcherClientError, timedOut } from './client-error.js';
import type { ConnectionState } from './connection-state.js';
import type { Link } from './link.js';

/**
 * Makes a request as soon as there is a connection, and again on the next one when it went before the
 * answer; the time limit is that of all attempts together.
 *
 * @param requestOf - made anew for each attempt, for the wire of the moment
 * @throws DispatcherClientError as {@link requestOnce}; ECONNABORTED only once the client is closed
 */
export async function requestRepeatedly(
  link: Link,
  requestOf: () => Request,
  { signal, timeoutMs = null }: CallOptions,
): Promise<unknown> {
  const { what } = requestOf();
  const stop = new AbortController();
  const forget = onAbort(signal, () => stop.abort(canceled(what, signal?.reason)));
  const timer =
    timeoutMs === null
      ? undefined
      : setTimeout(() => stop.abort(timedOut(what, timeoutMs)), timeoutMs);
  try {
    for (;;) {
      await link.reached(isUp, stop.signal);
      const request = requestOf();
      try {
        return await requestOnce(request, { signal: stop.signal });
      } catch (error) {
        if (!wasLost(error) || request.wire?.isOpen === true) throw error; // the server's own word
      }
    }
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    clearTimeout(timer);
    forget();
  }
}

export const isUp = ({ kind }: ConnectionState): boolean =>
  kind === 'open' || kind === 'authenticated';

function wasLost(error: unknown): boolean {
  return error instanceof DispatcherClientError && error.code === Errno.ECONNABORTED;
}
