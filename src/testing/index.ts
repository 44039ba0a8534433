/**
 * For the tests of plugin authors: the package's `dispatcher/testing`. Runs tasks in the process of
 * the test, without a server, and stands in for what the server gives them. Knows no test
 * framework; nothing of the server imports it.
 */
export {
  type ClaimGraph,
  conflictsBetween,
  expectConflict,
  expectNoConflict,
} from './claim-assertions.js';
export { FakeDispatcher, type FakeTask } from './fake-dispatcher.js';
export { memorySettings, type MemorySettings } from './memory-settings.js';
export { memoryConfigStore, memoryDatastore } from './memory-stores.js';
export { type LogLine, RecordingLogger } from './recording-logger.js';
export { runTask, startTask, type TaskRun, verifyTask } from './run-task.js';
export type { SubtaskAnswer, TaskRunOptions } from './task-run-options.js';
export type { SubtaskRecord, TaskReport } from './task-report.js';
export { VirtualClock } from './virtual-clock.js';
