/**
 * The variable that every program finds in its environment which a task has started, and those that
 * it starts in turn: by it they are found when the task's executor has died.
 */
const VARIABLE = 'DISPATCHER_TASK';

/** Which executor, and the how manieth session with it: no other task has ever the same. */
export interface TaskMark {
  readonly name: string;
  readonly value: string;
}

export function markOf(executor: string, epoch: number): TaskMark {
  return { name: VARIABLE, value: `${executor}:${epoch}` };
}
