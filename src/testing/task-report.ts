import type { Claims, ProgressReport, TaskDescription, TaskWarning } from '../sdk/index.js';
import type { RunFailure } from '../tasks/index.js';

/** A subtask that was asked for. */
export interface SubtaskRecord {
  readonly name: string;
  readonly args: readonly unknown[];
  /** The part of the parent's progress that it fills, when `withProgress` was said of it. */
  readonly slice: { readonly from: number; readonly to: number } | null;
  /** What became of it, when a real class ran it. */
  readonly report: TaskReport | null;
}

/** What became of a task, as the server would put it into the task's row and more. */
export interface TaskReport {
  readonly state: 'FINISHED' | 'FAILED' | 'ABORTED';
  /** What `verify` claimed; null when it threw. */
  readonly claims: Claims | null;
  readonly description: TaskDescription | null;
  /** What `run` returned; null unless it finished. */
  readonly result: unknown;
  /** Why it failed; null unless it did. `type` is the name of the class of what was thrown. */
  readonly error: RunFailure | null;
  /** Whether `run` was begun, and whether `rollback` was called. */
  readonly hasRun: boolean;
  readonly wasRolledBack: boolean;
  /** Everything that was reported, nothing left out, in order. */
  readonly progress: readonly ProgressReport[];
  readonly warnings: readonly TaskWarning[];
  readonly subtasks: readonly SubtaskRecord[];
}
