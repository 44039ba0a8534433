import type { Errno } from '../../common/index.js';
import type { Claims, ProgressReport, TaskDescription } from '../../sdk/index.js';
import type { TaskState } from './task-state.js';

/** Why a task failed. `stacktrace` is for administrators. */
export interface TaskError {
  readonly type: string;
  readonly code: Errno;
  readonly message: string;
  readonly extra: unknown;
  readonly stacktrace: string | null;
}

export interface RecordedWarning {
  readonly code: number;
  readonly message: string;
  readonly extra: unknown;
  readonly at: Date;
}

/** A task as clients see it; never changed, only replaced. */
export interface TaskRow {
  readonly id: number;
  readonly name: string;
  /** As checked, with defaults; a password is `<hidden>`. */
  readonly args: readonly unknown[];
  readonly user: string | null;
  readonly session: number | null;
  readonly parent: number | null;
  readonly environment: Readonly<Record<string, unknown>>;
  /** What it claimed; empty until `verify` has ended. */
  readonly resources: Claims;
  readonly description: TaskDescription | null;
  readonly state: TaskState;
  readonly progress: ProgressReport;
  readonly result: unknown;
  readonly output: string | null;
  readonly error: TaskError | null;
  readonly warnings: readonly RecordedWarning[];
  readonly created_at: Date;
  readonly verified_at: Date | null;
  readonly started_at: Date | null;
  readonly rollback_at: Date | null;
  readonly finished_at: Date | null;
  readonly abortable: boolean;
  /** Somebody asked it to stop; it may still be at it. */
  readonly abort_requested: boolean;
  /** The id of what it was submitted because of: log lines and events of the task carry it. */
  readonly cause: string | null;
}

/** What the server keeps of a task and shows to nobody. */
export interface TaskSecrets {
  /** The passwords in arguments and environment, encrypted; gone when the task has ended. */
  readonly sealed: string | null;
  /** Whoever submits under this key again gets the same task. */
  readonly idempotency_key: string | null;
  /** Of name and arguments: the same key with another digest is refused. */
  readonly idempotency_digest: string | null;
  /**
   * The user whose task it is: who submitted it, or whom a service named by RUN_AS_USER. Null for a
   * service's or plugin's own, whatever user has the same name.
   */
  readonly owner: string | null;
}

export interface StoredTask extends TaskRow, TaskSecrets {}

export const NO_PROGRESS: ProgressReport = { percentage: 0, message: null, extra: null };

const SECRETS: ReadonlySet<string> = new Set<keyof TaskSecrets>([
  'sealed',
  'idempotency_key',
  'idempotency_digest',
  'owner',
]);

/** Whether nobody is shown this field of a row, nor may ask for rows by it. */
export function isSecret(field: string): boolean {
  return SECRETS.has(field);
}

/** The row without what nobody is shown. */
export function publicRow(stored: StoredTask): TaskRow {
  const fields = Object.entries(stored).filter(([field]) => !SECRETS.has(field));
  return Object.fromEntries(fields) as unknown as TaskRow;
}
