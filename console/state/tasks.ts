import { END_STATES, type TaskState } from '../../src/wire/constants.js';
import type { EXPLANATION, TASK_EVENT_TYPES, TASK_ROW } from '../../src/wire/index.js';
import { call, subscribe } from '../connection/session.js';
import type { JsonObject } from '../forms/index.js';
import type { Shown } from './shown.js';

export type TaskRow = Shown<typeof TASK_ROW>;
export type Explanation = Shown<typeof EXPLANATION>;
export type WaitReason = Explanation['waits'][number];
/** With its mode, which a bare name leaves out. */
export type Claim = Exclude<TaskRow['resources'][number], string>;

/** Of ROLLBACK the contract says that it is still running. */
export const ENDED: ReadonlySet<TaskState> = new Set(END_STATES);

export const TONES: Readonly<Record<TaskState, string>> = {
  CREATED: '',
  WAITING: 'warn',
  EXECUTING: 'busy',
  ROLLBACK: 'warn',
  FINISHED: 'good',
  FAILED: 'bad',
  ABORTED: '',
};

type TaskEvent<Name extends keyof typeof TASK_EVENT_TYPES> = Shown<
  (typeof TASK_EVENT_TYPES)[Name]['schema']
>;

/** What a task event says of a task: parts of its row. */
export type TaskChange =
  | ({ readonly kind: 'created' } & TaskEvent<'task.created'>)
  | ({ readonly kind: 'updated' } & TaskEvent<'task.updated'>)
  | ({ readonly kind: 'progress' } & TaskEvent<'task.progress'>);

/** Hears of every task until the returned function is called. */
export function followTasks(onChange: (change: TaskChange) => void): () => void {
  return subscribe(['task.created', 'task.updated', 'task.progress'], ({ name, args }) => {
    const kind = name.slice('task.'.length);
    onChange({ ...(args as JsonObject), kind } as unknown as TaskChange);
  });
}

/** A row with what an event says; progress events come ten times a second and need no reading. */
export function changed(row: TaskRow, change: TaskChange): TaskRow {
  const { state } = change;
  if (change.kind !== 'progress') return { ...row, state };
  const { percentage, message } = change;
  return { ...row, state, progress: { ...row.progress, percentage, message } };
}

export function readTask(id: number, stop?: AbortSignal): Promise<TaskRow> {
  return call<TaskRow>('task.status', [id], stop);
}

export function claimsOf({ resources }: TaskRow): Claim[] {
  return resources.map((claim) =>
    typeof claim === 'string' ? { resource: claim, mode: 'exclusive' } : claim,
  );
}
