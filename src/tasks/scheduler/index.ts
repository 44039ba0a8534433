/**
 * When tasks run: claims, the locks they take over the resource graph, and the order among them.
 * Pure bookkeeping; the task engine says what happens to the tasks and is told which may start.
 */
export type { LockMode } from './mark-kind.js';
export type { ScheduleState } from './scheduled-task.js';
export {
  type ScheduleOutcome,
  TaskScheduler,
  type TaskSchedulerDependencies,
} from './task-scheduler.js';
export type { ExplainedClaim, WaitReason } from './wait-reason.js';
