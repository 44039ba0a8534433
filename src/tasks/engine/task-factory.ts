import { isObject, currentCause, newCause, wireCopy, withFields } from '../../common/index.js';
import type { ProgressSlice } from '../../sdk/index.js';
import type { SecretBox } from '../../datastore/index.js';
import type { ExecutorSite } from '../site/executor-site.js';
import type { TaskStore } from '../store/task-store.js';
import { NO_PROGRESS, type StoredTask } from '../row/task-row.js';
import { ActiveTask } from './active-task.js';
import type { TaskServices } from './active-task.js';
import type { Submission } from './submission.js';
import type { TransitionGuard } from './task-state-machine.js';
import type { TaskTracer } from './task-tracer.js';
import { toDescription } from './verifier.js';

/** What a task is a part of. */
export interface ParentLink {
  readonly task: ActiveTask;
  /** The part of the parent's progress that its own fills. */
  readonly slice: ProgressSlice | null;
}

export interface TaskFactoryDependencies {
  readonly taskStore: TaskStore;
  readonly site: Pick<ExecutorSite, 'place'>;
  readonly secrets: SecretBox;
  readonly now: () => Date;
  readonly tracer: TaskTracer | null;
  readonly guard: TransitionGuard;
}

/** Makes tasks of submits, and of the rows of those that had not ended. */
export class TaskFactory {
  constructor(private readonly dependencies: TaskFactoryDependencies) {}

  /** The task that a submit makes, with the first state of its row. */
  submitted(submission: Submission, services: TaskServices, link: ParentLink | null): ActiveTask {
    const { taskStore } = this.dependencies;
    return this.#make(submission, { id: taskStore.nextId(), services, link });
  }

  /** One that only says what it would do. */
  planned(submission: Submission, services: TaskServices): ActiveTask {
    return this.#make(submission, { id: 0, services, link: null });
  }

  /**
   * A task that had not ended when the server did. Its secrets may be lost with their key, which is
   * told when it is to go on.
   */
  recovered(row: StoredTask, services: TaskServices, parent: ActiveTask | null = null): ActiveTask {
    const { secrets, guard } = this.dependencies;
    const plain = [row.args, row.environment] as const;
    const secret = row.sealed === null ? plain : unsealed(row.sealed, secrets);
    const [args, environment] = secret ?? plain;
    const stage = { at: 'recovered', hasLostSecrets: secret === null } as const;
    const none = { slice: null, origin: null };
    const parts = { row, stage, args, environment, parent, services, guard };
    const task = new ActiveTask({ ...parts, ...none });
    task.stored = row;
    return task;
  }

  #make(submission: Submission, { id, services, link }: Identity): ActiveTask {
    const { secrets, now, tracer, guard, site } = this.dependencies;
    const { args, handler, submittedAt = null } = submission;
    const environment = withFields(submission.environment, { ID: id });
    const { task: parent, slice } = link ?? { task: null, slice: null };
    const sealed = secrets.seal([args, environment]);
    const at = parent?.row.node ?? null;
    const node = site.place({ handler, environment, parent: at, submittedAt });
    const row = firstRow(submission, { id, parent, environment, sealed, node, now: now() });
    const origin = tracer?.present(parent) ?? null;
    const stage = { at: 'verifying' } as const;
    // written out: a copy of a literal for each submit is seen in its row of the bench
    return new ActiveTask({
      row,
      stage,
      args,
      environment,
      parent,
      slice,
      services,
      origin,
      guard,
    });
  }
}

interface Identity extends Pick<ActiveTask, 'id' | 'services'> {
  readonly link: ParentLink | null;
}

interface RowParts {
  readonly id: number;
  readonly parent: ActiveTask | null;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly sealed: string | null;
  readonly node: string | null;
  readonly now: Date;
}

function firstRow(
  { handler, args, user, owner, api_key, session, idempotency }: Submission,
  { id, parent, environment, sealed, node, now }: RowParts,
): StoredTask {
  const row = {
    id,
    name: handler.name,
    args: args.some(isObject) ? args.map(shown) : args,
    user,
    session,
    parent: parent?.id ?? null,
    environment: wireCopy(environment) as Record<string, unknown>,
    resources: [],
    description: toDescription(handler.earlyDescribe),
    state: 'CREATED' as const,
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
    sealed,
    idempotency_key: idempotency?.key ?? null,
    idempotency_digest: idempotency?.digest ?? null,
    owner,
    api_key,
  };
  return node === null ? row : { ...row, node };
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
