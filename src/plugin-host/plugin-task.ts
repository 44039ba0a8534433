import type { InjectionToken, Type } from '@nestjs/common';
import { PARAMTYPES_METADATA, PROPERTY_DEPS_METADATA } from '@nestjs/common/constants.js';
import { bindTask, classMetadata, type Task, type TaskContext } from '../sdk/index.js';
import { describeTaskClass, type TaskHandler, type TaskResources } from '../tasks/index.js';
import type { Construct } from './construct.js';
import { lentTokenOf } from './lent-tokens.js';
import { assertNoEnhancers } from './enhancers/plugin-enhancers.js';
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
  const isPlain = needsNothingInjected(type);
  if (scope.enhancers === null) assertNoEnhancers(type, `Task ${name} is of no plugin`);
  const described = describeTaskClass(type, scope.host.schemas, scope.name);
  return {
    ...described,
    options: { ...described.options, executor: executorOf(name, type, scope) },
    guard: scope.enhancers?.taskGuard(type) ?? null,
    name,
    owner: scope.name,
    origin: scope.origin,
    acquire: (context) => acquire(context, scope),
    create: async (context, resources) => {
      const task = isPlain ? new type() : await construct(type);
      Object.assign(task, injectedMembers(resources));
      bindTask(task, context);
      return task;
    },
  };
}

/**
 * In a process of its own there is nothing of the application that the server is part of: a plugin
 * that it has lent something cannot even be constructed there.
 *
 * @throws Error when the task wants that all the same
 */
function executorOf(name: string, type: Type<Task>, scope: PluginScope): 'isolated' | 'inline' {
  const { role } = classMetadata(type);
  const wanted = role?.kind === 'task' ? role.options.executor : undefined;
  if (wanted === 'inline') return wanted;
  const { origin, lent } = scope;
  const token = lent.used ?? lentTokenOf(type, lent.tokens);
  if (origin.entry !== '' && token === null) return 'isolated';
  if (wanted === undefined) return 'inline';
  const reason =
    token === null
      ? 'it is of the host application'
      : `its plugin has ${nameOfToken(token)} of the host application injected`;
  throw new Error(
    `Task ${name} cannot be isolated, ${reason}, which another process has not: leave out executor, or make it 'inline'`,
  );
}

function nameOfToken(token: InjectionToken): string {
  return typeof token === 'function' ? token.name : String(token);
}

/** What every task has injected comes from the resources that it acquired instead. */
const INJECTED: ReadonlySet<unknown> = new Set([
  'dispatcher',
  'datastore',
  'configstore',
  'logger',
]);

/** Most tasks: then Nest, whose way to an instance costs more than the rest of a submit, is not asked. */
function needsNothingInjected(type: Type<Task>): boolean {
  const parameters = Reflect.getMetadata(PARAMTYPES_METADATA, type) as unknown[] | undefined;
  const properties = (Reflect.getMetadata(PROPERTY_DEPS_METADATA, type) ?? []) as {
    key: unknown;
  }[];
  return (
    type.length === 0 && !parameters?.length && properties.every(({ key }) => INJECTED.has(key))
  );
}

function acquire(context: TaskContext, scope: PluginScope): TaskResources {
  const own = new TaskScope(scope, context);
  const { datastore, configstore } = scope.stores();
  return {
    dispatcher: new TaskDispatcher(own, context),
    datastore,
    configstore,
    logger: scope.logger,
    settings: () => scope.settings.values(),
    release: () => own.end(),
  };
}

function injectedMembers({ dispatcher, datastore, configstore, logger }: TaskResources): object {
  return { dispatcher, datastore, configstore, logger };
}
