import { coded, messageOf, wireCopy } from '../../common/index.js';
import type { RunOutcome } from '../executors/executor.js';
import type { TaskError } from '../row/task-row.js';
import type { TaskHandler } from '../task-handler.js';
import { errorOf, toTaskError } from './task-error.js';

/** How a task ends. */
export type Ending =
  | { readonly state: 'FINISHED'; readonly result: unknown }
  | { readonly state: 'FAILED'; readonly error: TaskError }
  | { readonly state: 'ABORTED' };

/** What the outcome of a run means for the task; a result that does not fit is a failure. */
export function endingOf(outcome: RunOutcome, { resultValidator }: TaskHandler): Ending {
  if (outcome.kind === 'threw') return { state: 'FAILED', error: toTaskError(outcome.failure) };
  if (outcome.kind === 'died') {
    const error = coded('TASK_EXECUTOR_DIED', {}, { reason: outcome.reason });
    return { state: 'FAILED', error: errorOf(error) };
  }
  try {
    const result = wireCopy(outcome.value);
    const errors = resultValidator?.validate(result) ?? null;
    if (errors === null) return { state: 'FINISHED', result };
    return { state: 'FAILED', error: errorOf(coded('TASK_RESULT_INVALID', {}, errors)) };
  } catch (error) {
    const cause = messageOf(error);
    return { state: 'FAILED', error: errorOf(coded('TASK_RESULT_UNUSABLE', { cause })) };
  }
}
