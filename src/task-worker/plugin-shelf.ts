import type { INestApplicationContext, Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import {
  createPluginContext,
  type PluginClass,
  PluginCode,
  readPluginClass,
} from '../plugin-host/runtime.js';
import { classMetadata, ConfigStore, Datastore, Dispatcher, Logger, Task } from '../sdk/index.js';
import type { LoadMessage, RunMessage } from '../tasks/executor-protocol.js';

/** What the classes of plugins are given of the server. */
export interface Lent {
  readonly dispatcher: Dispatcher;
  readonly datastore: Datastore;
  readonly configstore: ConfigStore;
  readonly logger: Logger;
}

interface LoadedPlugin {
  readonly code: PluginCode;
  readonly declared: PluginClass;
  readonly context: INestApplicationContext;
}

/**
 * The plugins whose tasks this process has run: their code as the server had it, and their
 * injectable classes. Neither `init` nor `cleanup` of a plugin is called here, and no event source
 * runs: those are the server's.
 */
export class PluginShelf {
  readonly #plugins = new Map<string, LoadedPlugin>();

  constructor(private readonly lent: Lent) {}

  /** @throws (rejects with) whatever the plugin's code or its constructors throw */
  async load({ plugin, entry, sources }: LoadMessage): Promise<void> {
    if (this.#plugins.has(plugin)) throw new Error(`Plugin ${plugin} is in this process already`);
    const code = new PluginCode(entry, new Map(sources));
    const declared = readPluginClass(code.load());
    const { dispatcher, datastore, configstore, logger } = this.lent;
    const context = await createPluginContext({
      type: declared.type,
      bridged: [
        { provide: Dispatcher, useValue: dispatcher },
        { provide: Datastore, useValue: datastore },
        { provide: ConfigStore, useValue: configstore },
        { provide: Logger, useValue: logger },
      ],
    });
    this.#plugins.set(plugin, { code, declared, context });
  }

  /** A new instance, with its plugin's dependency injection. */
  async create(wanted: RunMessage): Promise<Task> {
    const plugin = this.#plugins.get(wanted.plugin);
    if (plugin === undefined) throw new Error(`Plugin ${wanted.plugin} was not loaded`);
    const { type } = plugin.declared;
    return plugin.context.select(type).get(ModuleRef).create(taskClass(plugin, wanted));
  }
}

/** By the name that its decorator gives it, or that of the class for one that `init` registers. */
function taskClass({ declared, code }: LoadedPlugin, { name, className }: RunMessage): Type<Task> {
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
