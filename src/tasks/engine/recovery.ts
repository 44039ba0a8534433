import { coded } from '../../common/index.js';
import type { TaskHandler } from '../task-handler.js';
import type { ActiveTask } from './active-task.js';
import type { Ending } from './ending.js';
import { errorOf } from './task-error.js';

/** How a task goes on that had not ended when the server did. */
export type Fate =
  | { readonly next: 'end'; readonly ending: Ending }
  | { readonly next: 'verify'; readonly handler: TaskHandler }
  | { readonly next: 'queue' };

/**
 * Those that had not begun go on in their order, those that ran have failed, unless they asked to
 * run again.
 *
 * @param handler - its class, now that the plugins are loaded; undefined when it is gone
 */
export function fateOf(task: ActiveTask, handler: TaskHandler | undefined): Fate {
  const { state, parent, name, abort_requested: wasAborted } = task.row;
  const hasRun = state === 'EXECUTING' || state === 'ROLLBACK';
  if (hasRun && wasAborted) return { next: 'end', ending: { state: 'ABORTED' } };
  const isPart = parent !== null && task.parent === null;
  const goesOn = !isPart && (!hasRun || handler?.options.onRestart === 'requeue');
  if (!goesOn) return failed(coded('TASK_SERVER_DIED'));
  if (handler === undefined) return failed(coded('TASK_GONE', { task: name }));
  if (task.stage.at === 'recovered' && task.stage.hasLostSecrets) {
    return failed(coded('TASK_SECRETS_LOST'));
  }
  return state === 'CREATED' ? { next: 'verify', handler } : { next: 'queue' };
}

function failed(error: Error): Fate {
  return { next: 'end', ending: { state: 'FAILED', error: errorOf(error) } };
}
