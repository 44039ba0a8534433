import type { Type } from '@nestjs/common';
import { bindTask, classMetadata, type Task, type TaskContext } from '../sdk/index.js';
import type { Loan, TaskHandler } from '../tasks/index.js';
import type { Construct } from './construct.js';
import type { PluginScope } from './plugin-scope.js';
import { TaskDispatcher } from './task-dispatcher.js';
import { TaskScope } from './task-scope.js';

export interface TaskClass {
  readonly name: string;
  readonly type: Type<Task>;
  readonly construct: Construct;
}

/** What the task engine is told of a task class of a plugin. */
export function describeTask(
  { name, type, construct }: TaskClass,
  scope: PluginScope,
): TaskHandler {
  const { role, description, accepts, returns, roles, ...metadata } = classMetadata(type);
  const { schemas } = scope.host;
  const source = { owner: scope.name };
  const options = role?.kind === 'task' ? role.options : {};
  return {
    name,
    owner: scope.name,
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
    origin: scope.origin,
    lend: (context) => lend(context, scope),
    create: async (context, loan) => {
      const task = await construct(type);
      Object.assign(task, loanedMembers(loan));
      bindTask(task, context);
      return task;
    },
  };
}

function lend(context: TaskContext, scope: PluginScope): Loan {
  const own = new TaskScope(scope, context);
  const { datastore, configstore } = scope.stores();
  return {
    dispatcher: new TaskDispatcher(own, context),
    datastore,
    configstore,
    logger: scope.logger,
    giveBack: () => own.end(),
  };
}

function loanedMembers({ dispatcher, datastore, configstore, logger }: Loan): object {
  return { dispatcher, datastore, configstore, logger };
}
