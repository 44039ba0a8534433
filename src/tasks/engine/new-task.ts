import { currentCause, newCause, wireCopy, withFields } from '../../common/index.js';
import type { SecretBox } from '../store/secret-box.js';
import { NO_PROGRESS, type StoredTask } from '../row/task-row.js';
import { ActiveTask } from './active-task.js';
import type { Submission } from './submission.js';
import { toDescription } from './verifier.js';

export interface NewTaskOptions {
  readonly id: number;
  readonly parent: ActiveTask | null;
  readonly secrets: SecretBox;
  readonly now: Date;
}

/** The task that a submit makes, with the first state of its row. */
export function newTask(
  submission: Submission,
  { id, parent, secrets, now }: NewTaskOptions,
): ActiveTask {
  const { handler, args, user, owner, session, idempotency } = submission;
  const environment = withFields(submission.environment, { ID: id });
  const row: StoredTask = {
    id,
    name: handler.name,
    args: args.some(isObject) ? args.map(shown) : args,
    user,
    session,
    parent: parent?.id ?? null,
    environment: wireCopy(environment) as Record<string, unknown>,
    resources: [],
    description: toDescription(handler.earlyDescribe),
    state: 'CREATED',
    progress: NO_PROGRESS,
    result: null,
    output: null,
    error: null,
    warnings: [],
    created_at: now,
    verified_at: null,
    started_at: null,
    rollback_at: null,
    finished_at: null,
    abortable: handler.isAbortable,
    abort_requested: false,
    cause: parent?.row.cause ?? currentCause() ?? newCause(),
    sealed: secrets.seal([args, environment]),
    idempotency_key: idempotency?.key ?? null,
    idempotency_digest: idempotency?.digest ?? null,
    owner,
  };
  return new ActiveTask({ row, handler, args, environment, parent });
}

/**
 * A task that had not ended when the server did. Its secrets may be lost with their key, which is
 * told when it is to go on.
 */
export function revivedTask(row: StoredTask, secrets: SecretBox): ActiveTask {
  const parts = { row, handler: null, parent: null };
  if (row.sealed === null) {
    return new ActiveTask({ ...parts, args: row.args, environment: row.environment });
  }
  const [args, environment] = unsealed(row.sealed, secrets) ?? [null, null];
  const task = new ActiveTask({
    ...parts,
    args: args ?? row.args,
    environment: environment ?? row.environment,
  });
  task.hasLostSecrets = args === null;
  return task;
}

function unsealed(
  sealed: string,
  secrets: SecretBox,
): [readonly unknown[], Record<string, unknown>] | null {
  try {
    return secrets.unseal(sealed) as [readonly unknown[], Record<string, unknown>];
  } catch {
    return null;
  }
}

/**
 * An argument as readers see it, out of reach of a verify that changes it. What is no object stays
 * as it is: a number that JSON lacks is for the store to refuse, not for a copy to lose.
 */
function shown(argument: unknown): unknown {
  return isObject(argument) ? wireCopy(argument) : argument;
}

function isObject(argument: unknown): boolean {
  return typeof argument === 'object';
}
