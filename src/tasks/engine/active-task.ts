import type { Context } from '@opentelemetry/api';
import type { Cause } from '../../common/index.js';
import type { ProgressSlice, TaskContext } from '../../sdk/index.js';
import type { TaskSession } from '../executors/executor.js';
import type { StoredTask } from '../row/task-row.js';
import type { TaskHandler } from '../task-handler.js';
import type { AdmissionQueue } from './admission-queue.js';
import { OutputTail } from './output-tail.js';
import type { ProgressMeter } from './progress-meter.js';
import type { TaskSpan } from './task-tracer.js';

/**
 * Where a task is, finer than its state:
 *
 *     verifying ──▶ waiting (in line or for locks) ──▶ opening (for an executor) ──▶ running
 *     running ──▶ undoing (its outcome is known, rollback and hooks may follow) ──▶ ended
 *
 * and from each of the first three to `ended`, when it fails or is aborted.
 */
export type Stage = 'verifying' | 'waiting' | 'opening' | 'running' | 'undoing' | 'ended';

/** Why a running task was told to stop. */
export type StopReason = 'abort' | 'timeout';

export interface ActiveTaskParts {
  readonly row: StoredTask;
  readonly handler: TaskHandler | null;
  /** Passwords readable. */
  readonly args: readonly unknown[];
  readonly environment: Readonly<Record<string, unknown>>;
  readonly parent: ActiveTask | null;
}

/** A task that has not ended, as the engine has it in memory. */
export class ActiveTask implements Cause {
  stage: Stage = 'verifying';
  /** The newest state; what is on disk may be a flush behind. */
  row: StoredTask;
  /** The newest state that is on disk, which is what clients are shown. */
  stored: StoredTask | null = null;
  /** Null for a recovered task until the plugins are loaded. */
  handler: TaskHandler | null;
  context: TaskContext | null = null;
  session: TaskSession | null = null;
  stopReason: StopReason | null = null;
  /** Its passwords were sealed with a key that is gone. */
  hasLostSecrets = false;
  /** The part of its parent's progress that its own fills. */
  slice: ProgressSlice | null = null;
  meter: ProgressMeter | null = null;
  /** Where its span will lie; null where nothing is traced, and after a restart. */
  origin: Context | null = null;
  /** Its span while it runs, where tasks are traced. */
  span: TaskSpan | null = null;
  /** Where its subtasks keep their order until they are admitted. */
  line: AdmissionQueue | null = null;
  readonly args: readonly unknown[];
  readonly environment: Readonly<Record<string, unknown>>;
  readonly parent: ActiveTask | null;
  /** Made when somebody listens: most tasks are over before anybody would. */
  #controller: AbortController | null = null;
  #stopError: Error | null = null;
  // as is what only those have that run, have subtasks or are waited for: tens of thousands may wait
  #output: OutputTail | null = null;
  #children: Set<ActiveTask> | null = null;
  #end: Promise<StoredTask> | null = null;
  #resolveEnd: ((row: StoredTask) => void) | null = null;
  #lastRow: StoredTask | null = null;

  constructor({ row, handler, args, environment, parent }: ActiveTaskParts) {
    this.row = row;
    this.handler = handler;
    this.args = args;
    this.environment = environment;
    this.parent = parent;
  }

  get id(): number {
    return this.row.id;
  }

  /** Empty for a task of before there were causes. */
  get cause(): string {
    return this.row.cause ?? '';
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#stopError !== null) this.#controller.abort(this.#stopError);
    }
    return this.#controller.signal;
  }

  /** Fires the signal that the task and whoever waits for it listens to. */
  stop(reason: StopReason, error: Error): void {
    if (this.stopReason !== null) return;
    this.stopReason = reason;
    this.#stopError = error;
    this.#controller?.abort(error);
  }

  get output(): OutputTail {
    return (this.#output ??= new OutputTail());
  }

  get children(): Set<ActiveTask> {
    return (this.#children ??= new Set());
  }

  /** Resolves with the last row, once it is on disk and announced. */
  get end(): Promise<StoredTask> {
    if (this.#lastRow !== null) return Promise.resolve(this.#lastRow);
    this.#end ??= new Promise((resolve) => (this.#resolveEnd = resolve));
    return this.#end;
  }

  /** It runs, and may still be told to stop. */
  get isAtWork(): boolean {
    return this.stage === 'running' || this.stage === 'undoing';
  }

  announceEnd(row: StoredTask): void {
    this.#lastRow = row;
    this.#resolveEnd?.(row);
  }
}
