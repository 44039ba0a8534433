import { coded } from '../../common/index.js';
import type { SecretBox } from '../store/secret-box.js';
import type { TaskStore } from '../store/task-store.js';
import type { TaskHandler } from '../task-handler.js';
import type { TaskHandlerTable } from '../task-handler-table.js';
import type { ActiveTask } from './active-task.js';
import { revivedTask } from './new-task.js';
import { errorOf } from './task-error.js';
import type { TaskLifecycle } from './task-lifecycle.js';
import type { Ending } from './task-runner.js';

export interface RecoveryDependencies {
  readonly taskStore: TaskStore;
  readonly secrets: SecretBox;
  readonly handlers: TaskHandlerTable;
  readonly life: TaskLifecycle;
}

/**
 * What becomes of the tasks that had not ended when the server did: those that had not begun go on
 * in their order, those that ran have failed, unless they asked to run again.
 */
export class Recovery {
  #revived: ActiveTask[] = [];

  constructor(private readonly dependencies: RecoveryDependencies) {}

  /** Gives them their places, ahead of whatever is submitted from now on. */
  async open(): Promise<void> {
    const { taskStore, secrets, life } = this.dependencies;
    for (const row of await taskStore.unfinished()) {
      const task = revivedTask(row, secrets);
      task.stored = row;
      this.#revived.push(task);
      life.adopt(task);
    }
  }

  /** Lets them go on; by now it is known which task classes there are. */
  start(): void {
    const revived = this.#revived;
    this.#revived = [];
    for (const task of revived) if (task.stage !== 'ended') this.#resume(task);
  }

  #resume(task: ActiveTask): void {
    const { life, handlers } = this.dependencies;
    const handler = handlers.get(task.row.name);
    task.handler = handler ?? null;
    const ending = fateOf(task, handler);
    if (ending !== null) void life.finish(task, ending);
    else if (task.row.state === 'CREATED') life.verify(task);
    else {
      if (task.row.state !== 'WAITING') life.move(task, { state: 'WAITING', started_at: null });
      life.queue(task, task.row.resources);
    }
  }
}

function fateOf(task: ActiveTask, handler: TaskHandler | undefined): Ending | null {
  const { state, parent, name, abort_requested: wasAborted } = task.row;
  const hasRun = state === 'EXECUTING' || state === 'ROLLBACK';
  if (hasRun && wasAborted) return { state: 'ABORTED' };
  const goesOn = parent === null && (!hasRun || handler?.options.onRestart === 'requeue');
  if (!goesOn) return { state: 'FAILED', error: errorOf(coded('TASK_SERVER_DIED')) };
  if (handler === undefined) {
    return { state: 'FAILED', error: errorOf(coded('TASK_GONE', { task: name })) };
  }
  if (!task.hasLostSecrets) return null;
  return { state: 'FAILED', error: errorOf(coded('TASK_SECRETS_LOST')) };
}
