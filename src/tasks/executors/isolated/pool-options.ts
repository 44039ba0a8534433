import { availableParallelism } from 'node:os';
import type { Clock } from '../../../events/index.js';
import type { Logger } from '../../../sdk/index.js';

export interface ExecutorPoolOptions {
  /** What an executor process runs. */
  readonly entry: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * Processes kept ready from `start` on. Not given: as many as there are cores, at least 2, from the
   * first task on until none has come for `restMs`.
   */
  readonly min?: number;
  /** Most processes at once, but for subtasks; twice the cores, at least 4, never below `min`. */
  readonly max?: number;
  /** How long a task that was told to stop may take before its process is ended; 10,000. */
  readonly abortGraceMs?: number;
  /** From SIGTERM to SIGKILL; 2,000. */
  readonly killAfterMs?: number;
  /** How long a process more than `min` may be idle; 60,000. */
  readonly idleMs?: number;
  /** How long processes are kept ready after the latest task, unless `min` is given; 600,000. */
  readonly restMs?: number;
  /** How long a task waits for a busy process to become free before another one is started; 25. */
  readonly growAfterMs?: number;
  /** A process that has run so many tasks is replaced; 10,000. */
  readonly maxRuns?: number;
  /** A process that is larger after a task is replaced; 512 MiB. */
  readonly maxResidentBytes?: number;
  /** How long a process may take until it is ready; twice as long after each that took longer; 30,000. */
  readonly startTimeoutMs?: number;
  /** The Node.js that runs it; that of this process. */
  readonly execPath?: string;
  /** Further arguments for Node.js. */
  readonly execArgv?: readonly string[];
}

export interface PoolSettings extends Required<ExecutorPoolOptions> {
  /** Since when processes are kept ready: nobody pays for them who runs no isolated task. */
  readonly readyFrom: 'the start' | 'the first task';
}

export function withDefaults(options: ExecutorPoolOptions): PoolSettings {
  const cores = availableParallelism();
  const max = Math.max(1, options.max ?? Math.max(4, 2 * cores, options.min ?? 0));
  return {
    abortGraceMs: 10_000,
    killAfterMs: 2_000,
    idleMs: 60_000,
    restMs: 600_000,
    growAfterMs: 25,
    maxRuns: 10_000,
    maxResidentBytes: 512 * 1024 * 1024,
    startTimeoutMs: 30_000,
    execPath: process.execPath,
    execArgv: [],
    ...options,
    readyFrom: options.min === undefined ? 'the first task' : 'the start',
    min: Math.min(options.min ?? Math.max(2, cores), max),
    max,
  };
}
