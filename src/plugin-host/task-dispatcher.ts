import type { TaskContext } from '../sdk/index.js';
import { REFUSED_TO_TASKS } from './refused-to-tasks.js';
import { ScopedDispatcher } from './scoped-dispatcher.js';
import type { TaskScope } from './task-scope.js';

/**
 * The dispatcher of one task while it runs. What tells the server what the plugin is made of can be
 * said by `init` only: a task comes and goes.
 */
export class TaskDispatcher extends ScopedDispatcher {
  constructor(
    scope: TaskScope,
    private readonly context: TaskContext,
  ) {
    super(scope);
  }

  /** As a subtask: who holds locks must not wait for strangers. */
  override async callTaskSync<T = unknown>(name: string, ...args: unknown[]): Promise<T> {
    this.scope.assertOpen();
    const id = await this.context.startSubtask({ name, args });
    return (await this.context.joinSubtask(id)) as T;
  }

  declare registerProvider: () => never;
  declare unregisterProvider: () => never;
  declare registerEventSource: () => never;
  declare unregisterEventSource: () => never;
  declare registerTaskHandler: () => never;
  declare unregisterTaskHandler: () => never;
  declare registerSchemaDefinition: () => never;
  declare unregisterSchemaDefinition: () => never;
  declare registerEventType: () => never;
  declare unregisterEventType: () => never;
  declare registerHook: () => never;
  declare attachHook: () => never;
  declare detachHook: () => never;
  declare registerDebugHook: () => never;
  declare registerTaskHook: () => never;
  declare unregisterTaskHook: () => never;
}

// On the prototype: each submit makes an instance, and sixteen fields of it would show in its cost.
Object.assign(TaskDispatcher.prototype, REFUSED_TO_TASKS);
