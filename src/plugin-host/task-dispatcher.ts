import type { TaskContext } from '../sdk/index.js';
import { refusedToTasks } from './refused-to-tasks.js';
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

  registerProvider = refusedToTasks('registerProvider');
  unregisterProvider = refusedToTasks('unregisterProvider');
  registerEventSource = refusedToTasks('registerEventSource');
  unregisterEventSource = refusedToTasks('unregisterEventSource');
  registerTaskHandler = refusedToTasks('registerTaskHandler');
  unregisterTaskHandler = refusedToTasks('unregisterTaskHandler');
  registerSchemaDefinition = refusedToTasks('registerSchemaDefinition');
  unregisterSchemaDefinition = refusedToTasks('unregisterSchemaDefinition');
  registerEventType = refusedToTasks('registerEventType');
  unregisterEventType = refusedToTasks('unregisterEventType');
  registerHook = refusedToTasks('registerHook');
  attachHook = refusedToTasks('attachHook');
  detachHook = refusedToTasks('detachHook');
  registerDebugHook = refusedToTasks('registerDebugHook');
  registerTaskHook = refusedToTasks('registerTaskHook');
  unregisterTaskHook = refusedToTasks('unregisterTaskHook');
}
