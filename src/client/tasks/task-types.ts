import type { Errno } from '../../common/portable.js';
import type { TaskState } from '../events/event-map.js';

/** A row of `task.query`, as `task.status` and `task.wait` give it. Dates as the client's `values` say. */
export interface TaskRow<Result = unknown> {
  readonly id: number;
  /** Of the task class. */
  readonly name: string;
  readonly args: readonly unknown[];
  readonly user: string | null;
  readonly session: number | null;
  /** The task that it is a part of. */
  readonly parent: number | null;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly resources: readonly TaskClaim[];
  readonly description: { readonly message: string } | null;
  readonly state: TaskState;
  readonly progress: TaskProgress;
  readonly result: Result | null;
  /** The end of what it printed. */
  readonly output: string | null;
  readonly error: TaskFailure | null;
  readonly warnings: readonly { readonly code: number; readonly message: string }[];
  readonly abortable: boolean;
  readonly created_at: unknown;
  readonly started_at: unknown;
  readonly finished_at: unknown;
}

/** What a task locks: a resource by name, alone, or in a mode. */
export type TaskClaim =
  string | { readonly resource: string; readonly mode: 'shared' | 'exclusive' };

export interface TaskFailure {
  readonly type: string;
  readonly code: Errno;
  readonly message: string;
  readonly extra: unknown;
  /** For administrators only. */
  readonly stacktrace: string | null;
}

export interface TaskProgress {
  /** 0 to 100; null: nobody knows. */
  readonly percentage: number | null;
  readonly message: string | null;
  readonly extra: unknown;
}

export interface SubmitOptions {
  /** Handed to the task. */
  readonly environment?: Readonly<Record<string, unknown>>;
  /** The same key, submitted again, gives the id of the first task instead of a second one. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/**
 * What {@link TaskClient.follow} brings: the states that the task goes through, its progress, and, as
 * the last, its row.
 */
export type TaskUpdate<Result = unknown> =
  | { readonly kind: 'state'; readonly state: TaskState }
  | ({ readonly kind: 'progress' } & TaskProgress)
  | { readonly kind: 'ended'; readonly row: TaskRow<Result> };
