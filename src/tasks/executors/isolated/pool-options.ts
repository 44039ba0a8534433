import { availableParallelism } from 'node:os';
import type { Clock } from '../../../events/index.js';
import type { Logger } from '../../../sdk/index.js';

export interface ExecutorPoolOptions {
  /** What an executor process runs. */
  readonly entry: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Processes kept ready; the number of cores, at least 2. */
  readonly min?: number;
  /** Most processes at once, but for subtasks; twice the cores, at least 4, never below `min`. */
  readonly max?: number;
  /** How long a task that was told to stop may take before its process is ended; 10,000. */
  readonly abortGraceMs?: number;
  /** From SIGTERM to SIGKILL; 2,000. */
  readonly killAfterMs?: number;
  /** How long a process more than `min` may be idle; 60,000. */
  readonly idleMs?: number;
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

export type PoolSettings = Required<ExecutorPoolOptions>;

export function withDefaults(options: ExecutorPoolOptions): PoolSettings {
  const cores = availableParallelism();
  const max = Math.max(1, options.max ?? Math.max(4, 2 * cores, options.min ?? 0));
  return {
    abortGraceMs: 10_000,
    killAfterMs: 2_000,
    idleMs: 60_000,
    growAfterMs: 25,
    maxRuns: 10_000,
    maxResidentBytes: 512 * 1024 * 1024,
    startTimeoutMs: 30_000,
    execPath: process.execPath,
    execArgv: [],
    ...options,
    min: Math.min(options.min ?? Math.max(2, cores), max),
    max,
  };
}
