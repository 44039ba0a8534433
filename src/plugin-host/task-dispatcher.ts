import { coded } from '../common/index.js';
import type { TaskContext } from '../sdk/index.js';
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

  registerProvider = refused('registerProvider');
  unregisterProvider = refused('unregisterProvider');
  registerEventSource = refused('registerEventSource');
  unregisterEventSource = refused('unregisterEventSource');
  registerTaskHandler = refused('registerTaskHandler');
  unregisterTaskHandler = refused('unregisterTaskHandler');
  registerSchemaDefinition = refused('registerSchemaDefinition');
  unregisterSchemaDefinition = refused('unregisterSchemaDefinition');
  registerEventType = refused('registerEventType');
  unregisterEventType = refused('unregisterEventType');
  registerHook = refused('registerHook');
  attachHook = refused('attachHook');
  detachHook = refused('detachHook');
  registerTaskHook = refused('registerTaskHook');
  unregisterTaskHook = refused('unregisterTaskHook');
}

function refused(method: string) {
  return (): never => {
    throw coded('NOT_FROM_A_TASK', { method });
  };
}
