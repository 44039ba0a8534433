import type { EventHandler } from '../sdk/index.js';
import { bounded } from './bounded.js';

/** How long one event may take a synchronous handler before the next one is handed to it. */
const HANDLER_TIMEOUT_MS = 30_000;
/** Events that wait for one handler; more would only gather memory while it does nothing. */
const MAX_WAITING = 10_000;

/**
 * Makes a handler see events strictly one after another: the next one is handed over when it has
 * settled with the one before, whether well or badly, or has had its time. An event that finds it
 * idle is handed over at once.
 *
 * @param what names the handler in the errors, which are the router's to report
 */
export function oneAtATime(handler: EventHandler, what: string): EventHandler {
  const bound = {
    timeoutMs: HANDLER_TIMEOUT_MS,
    message: `${what} did not settle within ${HANDLER_TIMEOUT_MS / 1_000} s: others go on`,
  };
  let last: Promise<void> | null = null;
  let waiting = 0;
  const call: EventHandler = (args, name) => {
    const outcome = handler(args, name);
    return outcome instanceof Promise ? bounded(outcome, bound) : outcome;
  };
  const follow = (current: Promise<void>): Promise<void> => {
    waiting += 1;
    const over = (): void => {
      waiting -= 1;
      if (last === settled) last = null;
    };
    const settled = current.then(over, over);
    last = settled;
    return current;
  };
  return (args, name) => {
    if (waiting >= MAX_WAITING)
      throw new Error(`${what} has ${MAX_WAITING} events to catch up with`);
    // Its publisher waits no longer than for one event, however many stand before it
    if (last !== null) return bounded(follow(last.then(() => call(args, name))), bound);
    const outcome = call(args, name);
    return outcome instanceof Promise ? follow(outcome) : outcome;
  };
}
