import type { Type } from '@nestjs/common';
import { bindTask, type Task, type TaskContext } from '../sdk/index.js';
import { describeTaskClass, type Loan, type TaskHandler } from '../tasks/index.js';
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
  return {
    ...describeTaskClass(type, scope.host.schemas, scope.name),
    name,
    owner: scope.name,
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
