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
export { END_STATES, type EndState, hasEnded, type TaskState } from '../../wire/constants.js';
