import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/**
 * What something happens because of: a call, later a task. Its text is the same for everything that
 * follows from it (calls of plugins, events, log lines), so that one search finds them all.
 */
export interface Cause {
  /** 32 hexadecimal digits; where calls are traced, the id of the trace. */
  readonly cause: string;
}

const running = new AsyncLocalStorage<Cause | null>();

/** Tells two starts of the server apart. */
const START = randomBytes(8).toString('hex');
let lastNumber = 0;

/**
 * The id of what the present code runs because of; null outside of any call.
 *
 * @example
 * await store.insert('jobs', { name, cause: currentCause() }); // to find the log lines of the call later
 */
export function currentCause(): string | null {
  return presentCause()?.cause ?? null;
}

/** The cause itself, to go on with it later; its id is made only when somebody reads it. */
export function presentCause(): Cause | null {
  return running.getStore() ?? null;
}

/** Runs `work`, and whatever it starts that outlives it, because of `cause`; null: because of nothing. */
export function withCause<T>(cause: Cause | null, work: () => T): T {
  return presentCause() === cause ? work() : running.run(cause, work);
}

/** An id that nothing else has. */
export function newCause(): string {
  lastNumber += 1;
  return START + lastNumber.toString(16).padStart(16, '0');
}
