import { count, countByMachine, milliseconds, section } from './value-kinds.js';

/** `dispatcher.tasks`: how tasks are run and how long they are remembered. */
export const TASKS = section('How tasks are run and how long they are remembered.', {
  executors: section('Worker processes that run tasks.', {
    min: countByMachine(
      0,
      'Processes kept ready from the start. Not given: as many as processor cores, at least 2, but no more than `max`, from the first isolated task until none has come for ten minutes.',
    ),
    max: countByMachine(
      1,
      'Most processes at once; further tasks wait. Not given: chosen by the server, never below `min`.',
    ),
  }),
  'abort-grace-ms': milliseconds(
    10_000,
    'How long an aborted task may take to settle before its worker process is ended.',
  ),
  'verify-timeout-ms': milliseconds(
    30_000,
    "How long a task's verify may take before the task fails with ETIMEDOUT.",
  ),
  history: section('Which finished tasks are kept.', {
    'max-age-days': count(90, 'Days a finished task is kept.'),
    'max-count': count(100_000, 'Finished tasks kept; the oldest go first.'),
  }),
});
