import { coded } from '../common/index.js';

/** In place of a method of the dispatcher that only `init` may use: a task comes and goes. */
export function refusedToTasks(method: string) {
  return (): never => {
    throw coded('NOT_FROM_A_TASK', { method });
  };
}
