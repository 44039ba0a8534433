import type { TASK_ROW, TaskState } from '../../wire/index.js';
import type { Received } from '../received.js';

type Row = Received<typeof TASK_ROW>;

/**
 * A row of `task.query`, as `task.status` and `task.wait` give it: what the server's schema of it says,
 * with the type of the task's result. Dates as the client's `values` say.
 */
export type TaskRow<Result = unknown> = Omit<Row, 'result'> & { readonly result: Result | null };

/** What a task locks: a resource by name, alone, or in a mode. */
export type TaskClaim = Row['resources'][number];

/** Why a task failed; the stack is for administrators only. */
export type TaskFailure = NonNullable<Row['error']>;

/** How far a task is, from 0 to 100; null: nobody knows. */
export type TaskProgress = Row['progress'];

export interface SubmitOptions {
  /** Handed to the task. */
  readonly environment?: Readonly<Record<string, unknown>>;
  /** The same key, submitted again, gives the id of the first task instead of a second one. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What {@link TaskClient.follow} brings: the states that the task goes through, its progress, and, as
 * the last, its row.
 */
export type TaskUpdate<Result = unknown> =
  | { readonly kind: 'state'; readonly state: TaskState }
  | ({ readonly kind: 'progress' } & TaskProgress)
  | { readonly kind: 'ended'; readonly row: TaskRow<Result> };
