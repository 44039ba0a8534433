import { createContext, runInContext } from 'node:vm';
import { keepEndings } from './without-ending.js';

/**
 * Runs code that may never come back: one that takes longer is stopped, wherever it is, without being
 * asked. Only for what runs at once; promises have a clock of their own.
 *
 * @throws whatever the code throws; Error when it was stopped
 */
export function withinTime<T>(timeoutMs: number, work: () => T): T {
  const restore = keepEndings();
  try {
    // The clock of a script holds for all that is called from it. Nothing but this function is in there
    return runInContext('work()', createContext({ work }), { timeout: timeoutMs }) as T;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    restore(); // code that is stopped runs no `finally`
    throw new Error(`it did not come to an end within ${timeoutMs / 1_000} s`, { cause: error });
  }
}
