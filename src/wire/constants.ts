/**
 * The states of a task; the last three are final. The ways between them are the business of `tasks`.
 *
 * This file holds the words of the wire without a schema, so that whoever needs no more than them, as a
 * browser does, loads no more.
 */
export const TASK_STATES = [
  'CREATED',
  'WAITING',
  'EXECUTING',
  'ROLLBACK',
  'FINISHED',
  'FAILED',
  'ABORTED',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

export const END_STATES = ['FINISHED', 'FAILED', 'ABORTED'] as const satisfies readonly TaskState[];
export type EndState = (typeof END_STATES)[number];

/** True for a state that a task never leaves. */
export function hasEnded(state: TaskState): state is EndState {
  return END_STATES.some((end) => end === state);
}

/** The roles that every server has, the mightiest first; no stored row can take or change their names. */
export const BUILT_IN_ROLES = ['admin', 'operator', 'reader'] as const;

/** From the least severe to the most. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
