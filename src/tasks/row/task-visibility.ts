import { rightsOf } from '../../auth/index.js';
import type { Filter, FilterTuple } from '../../common/query/index.js';
import { trustedConditions } from '../../datastore/index.js';
import type { Sender } from '../../sdk/index.js';
import type { TaskRow } from '../../wire/index.js';
import { publicRow, type StoredTask } from './task-row.js';

/** What of a task decides who is shown it; neither changes in its life. */
export type TaskSubject = Pick<StoredTask, 'name' | 'owner'>;

/** How much of a row somebody is shown. */
export interface TaskView {
  readonly hasEnvironment: boolean;
  readonly hasStack: boolean;
}

/**
 * The one rule of who sees a task, for its row, for what is told of it and for what may be done with
 * it: its own user, `reader` and above, and a role whose `tasks` masks name its class. The environment
 * is for its own user and for administrators, the stack of an error for administrators only.
 *
 * @returns null for a sender to whom the task is as if it was not there
 */
export function viewOf(sender: Sender, { name, owner }: TaskSubject): TaskView | null {
  const rights = rightsOf(sender);
  const isOwn = sender.kind === 'user' && sender.user !== null && sender.user === owner;
  if (!isOwn && !rights.seesTasksOf(name)) return null;
  return { hasEnvironment: isOwn || rights.isAdministrator, hasStack: rights.isAdministrator };
}

/** The row as that view of it is. */
export function shownRow(stored: StoredTask, { hasEnvironment, hasStack }: TaskView): TaskRow {
  const row = publicRow(stored);
  const { error } = row;
  return {
    ...row,
    ...(!hasEnvironment && { environment: {} }),
    ...(!hasStack && error !== null && { error: { ...error, stacktrace: null } }),
  };
}

/** The same rule as a part of a filter, for who asks the store for many rows; null: all are shown. */
export function filterFor(sender: Sender): Filter {
  const rights = rightsOf(sender);
  if (rights.seesAllTasks) return null;
  const named = rights.taskMasks.map((mask): FilterTuple => ['name', 'match', mask]);
  const own: FilterTuple[] = sender.kind === 'user' ? [['owner', '=', sender.user]] : [];
  return trustedConditions([['or', [...own, ...named]]]);
}
