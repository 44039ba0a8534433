/**
 * When tasks run: claims, the locks they take over the resource graph, and the order among them.
 * Pure bookkeeping; the task engine says what happens to the tasks and is told which may start.
 */
export type { ScheduleState } from './scheduled-task.js';
export { type ScheduleOutcome, TaskScheduler } from './task-scheduler.js';
export type { WaitReason } from './wait-reason.js';
