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

  registerProvider = REFUSED_TO_TASKS.registerProvider;
  unregisterProvider = REFUSED_TO_TASKS.unregisterProvider;
  registerEventSource = REFUSED_TO_TASKS.registerEventSource;
  unregisterEventSource = REFUSED_TO_TASKS.unregisterEventSource;
  registerTaskHandler = REFUSED_TO_TASKS.registerTaskHandler;
  unregisterTaskHandler = REFUSED_TO_TASKS.unregisterTaskHandler;
  registerSchemaDefinition = REFUSED_TO_TASKS.registerSchemaDefinition;
  unregisterSchemaDefinition = REFUSED_TO_TASKS.unregisterSchemaDefinition;
  registerEventType = REFUSED_TO_TASKS.registerEventType;
  unregisterEventType = REFUSED_TO_TASKS.unregisterEventType;
  registerHook = REFUSED_TO_TASKS.registerHook;
  attachHook = REFUSED_TO_TASKS.attachHook;
  detachHook = REFUSED_TO_TASKS.detachHook;
  registerDebugHook = REFUSED_TO_TASKS.registerDebugHook;
  registerTaskHook = REFUSED_TO_TASKS.registerTaskHook;
  unregisterTaskHook = REFUSED_TO_TASKS.unregisterTaskHook;
}
