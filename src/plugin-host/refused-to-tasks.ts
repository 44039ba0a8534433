import { coded } from '../common/index.js';

/** The methods of the dispatcher that only `init` may use, as a task has them: it comes and goes. */
export const REFUSED_TO_TASKS = {
  registerProvider: refusal('registerProvider'),
  unregisterProvider: refusal('unregisterProvider'),
  registerEventSource: refusal('registerEventSource'),
  unregisterEventSource: refusal('unregisterEventSource'),
  registerTaskHandler: refusal('registerTaskHandler'),
  unregisterTaskHandler: refusal('unregisterTaskHandler'),
  registerSchemaDefinition: refusal('registerSchemaDefinition'),
  unregisterSchemaDefinition: refusal('unregisterSchemaDefinition'),
  registerEventType: refusal('registerEventType'),
  unregisterEventType: refusal('unregisterEventType'),
  registerHook: refusal('registerHook'),
  attachHook: refusal('attachHook'),
  detachHook: refusal('detachHook'),
  registerDebugHook: refusal('registerDebugHook'),
  registerTaskHook: refusal('registerTaskHook'),
  unregisterTaskHook: refusal('unregisterTaskHook'),
};

function refusal(method: string) {
  return (): never => {
    throw coded('NOT_FROM_A_TASK', { method });
  };
}
