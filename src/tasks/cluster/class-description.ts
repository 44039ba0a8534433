import { createHash } from 'node:crypto';
import { canonicalJson } from '../../schema/index.js';
import type { TaskHandler } from '../task-handler.js';
import type { ClassDescription } from './node-messages.js';

export function describeClass(handler: TaskHandler): ClassDescription {
  const { className, description, earlyDescribe, hasRollback, isAbortable } = handler;
  const { isPrivate, name, options, owner, roles } = handler;
  return {
    ...{ className, description, earlyDescribe, hasRollback, isAbortable },
    ...{ isPrivate, name, options, owner, roles },
  };
}

/** Equal where two nodes have the same class, as far as its decorators say. */
export function hashOfClass(handler: TaskHandler): string {
  const { argumentsValidator, resultValidator } = handler;
  const text = canonicalJson([
    describeClass(handler),
    argumentsValidator?.schemas ?? null,
    resultValidator?.schema ?? null,
  ]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
