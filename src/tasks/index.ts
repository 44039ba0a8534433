/**
 * Task handlers by name, the resources that tasks lock, and the scheduler that says when a task may
 * start. The engine that verifies, stores and runs tasks stands on these.
 */
export {
  type RegisteredResource,
  ResourceGraph,
  type ResourcePlacement,
} from './resources/index.js';
export { TaskScheduler, type WaitReason } from './scheduler/index.js';
export type { SubmitRequest, TaskSubmitter } from './task-submitter.js';
export type {
  RunOutcome,
  TaskAssignment,
  TaskExecutor,
  RunFailure,
  TaskSession,
} from './executors/executor.js';
export { TaskHookTable } from './hooks/task-hook-table.js';
export { describeTaskClass, type TaskClassDescription } from './task-class.js';
export { TaskSeat } from './task-seat.js';
export { TasksLifecycle } from './tasks-lifecycle.js';
export { TaskMetrics } from './task-metrics.js';
export type { TaskGuard, TaskHandler, TaskOrigin, TaskResources } from './task-handler.js';
export { maySubmit } from './engine/submission.js';
export { TaskEngine } from './engine/task-engine.js';
export { TaskTracer } from './engine/task-tracer.js';
export { TaskReader } from './engine/task-reader.js';
export { type Verdict, Verifier } from './engine/verifier.js';
export { DatastoreTaskStore } from './store/datastore-task-store.js';
export type { TaskStore } from './store/task-store.js';
export type { StoredTask } from './row/task-row.js';
export { viewOf } from './row/task-visibility.js';
export { TaskHandlerTable } from './task-handler-table.js';
export { InlineExecutor } from './executors/inline.executor.js';
export { ExecutorPool } from './executors/isolated/executor-pool.js';
export type { ExecutorPoolOptions } from './executors/isolated/pool-options.js';
