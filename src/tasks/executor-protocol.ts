/**
 * The narrow face of this folder for executor processes: what they and the server say to each other
 * and how a task's code is run. It pulls in neither the engine nor the scheduler.
 */
export { runToOutcome } from './executors/run-outcome.js';
export { toRunFailure } from './executors/run-failure.js';
export { askToStop, perform } from './executors/task-methods.js';
export {
  type CrossingError,
  fromCrossing,
  toCrossing,
} from './executors/isolated/crossing-error.js';
export { markOf } from './executors/isolated/task-mark.js';
export type { StreamPart } from './executors/isolated/host-streams.js';
export type {
  AnswerMessage,
  AskTarget,
  EventMessage,
  FromExecutor,
  LoadMessage,
  RunMessage,
  TaskIdentity,
  TellMessage,
  ToExecutor,
} from './executors/isolated/messages.js';
