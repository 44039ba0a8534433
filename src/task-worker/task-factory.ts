import type { INestApplicationContext, Type } from '@nestjs/common';
import {
  PARAMTYPES_METADATA,
  PROPERTY_DEPS_METADATA,
  SELF_DECLARED_DEPS_METADATA,
} from '@nestjs/common/internal';
import { ModuleRef } from '@nestjs/core';
import { type PluginClass, type PluginCode } from '../plugin-host/runtime.js';
import { classMetadata, Task } from '../sdk/index.js';
import type { RunMessage } from '../tasks/executor-protocol.js';

export interface LoadedPlugin {
  readonly code: PluginCode;
  readonly declared: PluginClass;
  readonly context: INestApplicationContext;
}

export type Wanted = Pick<RunMessage, 'name' | 'className'>;

/** Makes instances of a plugin's task class. @throws Error when the plugin has none of that name */
export function taskFactory(plugin: LoadedPlugin, wanted: Wanted): () => Promise<Task> | Task {
  const type = taskClass(plugin, wanted);
  // Nest's injection takes longer than all the rest of a short task
  if (hasNothingToInject(type)) return () => new type();
  const module = plugin.context.select(plugin.declared.module).get(ModuleRef);
  return () => module.create(type);
}

/** By the name that its decorator gives it, or that of the class for one that `init` registers. */
function taskClass({ declared, code }: LoadedPlugin, { name, className }: Wanted): Type<Task> {
  const exported = code.exported().flatMap((exports) => valuesOf(exports));
  const declaredClasses: readonly unknown[] = declared.plugin.providers;
  const classes = [...declaredClasses, ...exported].filter(isTaskClass);
  const found =
    classes.find((type) => nameOf(type) === name && type.name === className) ??
    classes.find((type) => type.name === className);
  if (found !== undefined) return found;
  throw new Error(
    `Class ${className} of task ${name} cannot be found in a process of its own: name it in the ` +
      "plugin's providers, export it from its file, or run it inline",
  );
}

function nameOf(type: Type<Task>): string | null {
  const { role } = classMetadata(type);
  return role?.kind === 'task' ? role.name : null;
}

function valuesOf(exports: unknown): unknown[] {
  const isNamespace = typeof exports === 'object' && exports !== null;
  return [exports, ...(isNamespace ? (Object.values(exports) as unknown[]) : [])];
}

function isTaskClass(value: unknown): value is Type<Task> {
  return typeof value === 'function' && value.prototype instanceof Task;
}

/** The members of the base class do not count: a task is given its own ones. */
function hasNothingToInject(type: Type<Task>): boolean {
  const read = (key: string, of: object): unknown => Reflect.getMetadata(key, of);
  const isEmpty = (list: unknown): boolean => !Array.isArray(list) || list.length === 0;
  return (
    isEmpty(read(PARAMTYPES_METADATA, type)) &&
    isEmpty(read(SELF_DECLARED_DEPS_METADATA, type)) &&
    read(PROPERTY_DEPS_METADATA, type) === read(PROPERTY_DEPS_METADATA, Task)
  );
}
