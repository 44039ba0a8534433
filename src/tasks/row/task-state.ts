/**
 * The states of a task and the ways between them:
 *
 *     CREATED ── verified ──▶ WAITING ── locks granted ──▶ EXECUTING ──▶ FINISHED
 *        │                       │                            ├── threw ──▶ [ROLLBACK] ──▶ FAILED
 *        ├── refused ──▶ FAILED  ├── resources missing ──▶ FAILED
 *        └── abort ──▶ ABORTED ◀─┘                            └── aborted ▶ [ROLLBACK] ──▶ ABORTED
 *
 * A restart of the server takes EXECUTING and ROLLBACK to FAILED, or back to WAITING.
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

export const END_STATES = ['FINISHED', 'FAILED', 'ABORTED'] as const;
export type EndState = (typeof END_STATES)[number];

export function hasEnded(state: TaskState): state is EndState {
  return END_STATES.some((end) => end === state);
}
