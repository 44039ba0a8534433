import { call, subscribe } from '../connection/session.js';
import type { Json } from '../forms/index.js';

export const STATES = [
  'CREATED',
  'WAITING',
  'EXECUTING',
  'ROLLBACK',
  'FINISHED',
  'FAILED',
  'ABORTED',
] as const;
export type TaskState = (typeof STATES)[number];

export interface Claim {
  readonly resource: string;
  readonly mode: string;
}

/** A row of `task.query`. */
export interface TaskRow {
  readonly id: number;
  readonly name: string;
  readonly args: readonly Json[];
  readonly user: string | null;
  readonly parent: number | null;
  readonly environment: Json;
  readonly resources: readonly (string | Claim)[];
  readonly description: { readonly message: string } | null;
  readonly state: TaskState;
  readonly progress: {
    readonly percentage: number | null;
    readonly message: string | null;
    readonly extra: Json;
  };
  readonly result: Json;
  readonly output: string | null;
  readonly error: {
    readonly type: string;
    readonly code: number;
    readonly message: string;
    readonly extra: Json;
    readonly stacktrace: string | null;
  } | null;
  readonly warnings: readonly { readonly code: number; readonly message: string }[];
  readonly created_at: Json;
  readonly started_at: Json;
  readonly finished_at: Json;
  readonly abortable: boolean;
  readonly abort_requested?: boolean;
}

export interface WaitReason {
  readonly relation: 'held' | 'precedes' | 'missing' | 'verifying' | 'order' | 'executor';
  readonly claim?: Claim;
  readonly resource?: string;
  readonly task?: number;
  readonly path?: readonly string[];
}

export interface Explanation {
  readonly waits: readonly WaitReason[];
  readonly stages: Readonly<
    Record<'verify_ms' | 'wait_ms' | 'run_ms' | 'rollback_ms' | 'total_ms', number | null>
  >;
}

/** Of ROLLBACK the contract says that it is still running. */
export const ENDED: ReadonlySet<TaskState> = new Set(['FINISHED', 'FAILED', 'ABORTED']);

export const TONES: Readonly<Record<TaskState, string>> = {
  CREATED: '',
  WAITING: 'warn',
  EXECUTING: 'busy',
  ROLLBACK: 'warn',
  FINISHED: 'good',
  FAILED: 'bad',
  ABORTED: '',
};

/** What a task event says of a task: parts of its row. */
export interface TaskChange {
  readonly id: number;
  readonly kind: 'created' | 'updated' | 'progress';
  readonly state?: TaskState;
  readonly percentage?: number | null;
  readonly message?: string | null;
}

/** Hears of every task until the returned function is called. */
export function followTasks(onChange: (change: TaskChange) => void): () => void {
  return subscribe(['task.created', 'task.updated', 'task.progress'], ({ name, args }) => {
    onChange({
      ...(args as unknown as TaskChange),
      kind: name.slice('task.'.length) as TaskChange['kind'],
    });
  });
}

/** A row with what an event says; progress events come ten times a second and need no reading. */
export function changed(row: TaskRow, { state, percentage, message, kind }: TaskChange): TaskRow {
  const progress =
    kind === 'progress'
      ? { ...row.progress, percentage: percentage ?? null, message: message ?? null }
      : row.progress;
  return { ...row, state: state ?? row.state, progress };
}

export function readTask(id: number, stop?: AbortSignal): Promise<TaskRow> {
  return call<TaskRow>('task.status', [id], stop);
}

export function claimsOf({ resources }: TaskRow): Claim[] {
  return resources.map((claim) =>
    typeof claim === 'string' ? { resource: claim, mode: 'exclusive' } : claim,
  );
}
