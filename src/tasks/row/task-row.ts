import type { ProgressReport } from '../../sdk/index.js';
import type { TaskRow } from '../../wire/index.js';

/** Why a task failed. `stacktrace` is for administrators. */
export type TaskError = NonNullable<TaskRow['error']>;

/** What the server keeps of a task and shows to nobody. */
interface TaskSecrets {
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
  /**
   * By which API key the owner submitted it: the task may do what the key may. Rows of before there were
   * such keys have none.
   */
  readonly api_key?: string | null;
}

export interface StoredTask extends TaskRow, TaskSecrets {
  /** Where it runs or ran; rows of a server that is alone have none. */
  readonly node?: string;
}

export const NO_PROGRESS: ProgressReport = { percentage: 0, message: null, extra: null };

const SECRETS: ReadonlySet<string> = new Set<keyof TaskSecrets>([
  'sealed',
  'idempotency_key',
  'idempotency_digest',
  'owner',
  'api_key',
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
