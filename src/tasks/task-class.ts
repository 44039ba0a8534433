import type { Type } from '@nestjs/common';
import type { SchemaRegistry } from '../schema/index.js';
import { classMetadata, type Task } from '../sdk/index.js';
import type { TaskHandler } from './task-handler.js';

/** What decorators and methods of a task class say of it. */
export type TaskClassDescription = Omit<
  TaskHandler,
  'name' | 'owner' | 'origin' | 'guard' | 'acquire' | 'create'
>;

/** @throws RpcException EINVAL when one of its schemas is invalid */
export function describeTaskClass(
  type: Type<Task>,
  schemas: SchemaRegistry,
  owner: string,
): TaskClassDescription {
  const { role, description, accepts, returns, roles, ...metadata } = classMetadata(type);
  const options = role?.kind === 'task' ? role.options : {};
  const source = { owner };
  return {
    className: type.name,
    description: description ?? null,
    earlyDescribe: (type as Type<Task> & { earlyDescribe?: string }).earlyDescribe ?? null,
    options,
    isAbortable: options.abortable ?? 'abort' in type.prototype,
    hasRollback: 'rollback' in type.prototype,
    isPrivate: metadata.private ?? false,
    roles: roles ?? [],
    argumentsValidator: accepts === undefined ? null : schemas.compileArguments(accepts, source),
    resultValidator: returns === undefined ? null : schemas.compileValue(returns, 'result', source),
  };
}
