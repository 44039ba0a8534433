/**
 * Task handlers by name, the resources that tasks lock, and the scheduler that says when a task may
 * start. The engine that verifies, stores and runs tasks stands on these.
 */
export {
  type RegisteredResource,
  ResourceGraph,
  type ResourcePlacement,
  type ResourceRegistration,
} from './resources/index.js';
export {
  type ExplainedClaim,
  type ListedResource,
  type LockMode,
  type ResourceHolder,
  type ScheduleOutcome,
  TaskScheduler,
  type TaskSchedulerDependencies,
  type WaitReason,
} from './scheduler/index.js';
export type { SubmitRequest, TaskDesk } from './task-desk.js';
export type {
  ExecutorRow,
  OpenOptions,
  RunOutcome,
  TaskAssignment,
  TaskExecutor,
  TaskFailure,
  TaskSession,
} from './executors/executor.js';
export { type TaskHook, type TaskHookMoment, TaskHookTable } from './hooks/task-hook-table.js';
export type { Loan, TaskHandler, TaskOrigin } from './task-handler.js';
