import type { ModuleMetadata, Type } from '@nestjs/common';
import type { EventSource } from '../event-source.js';
import {
  type AnyClass,
  type SettingsType,
  type TaskOptions,
  updateClassMetadata,
} from '../metadata.js';
import type { Task } from '../task.js';
import { Injectable, Module } from '../nest-decorators.js';

// Structural, because the constructor is the author's own: Nest injects whatever it asks for.
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- see AnyClass
type ClassOf<T> = new (...args: any[]) => T;

/**
 * Offers a provider's methods under a service name as soon as its plugin is loaded.
 *
 * @example
 * @provider('user') export class UserProvider extends Provider { ... }
 */
export function provider(name: string) {
  return (type: ClassOf<object>): void => {
    Injectable()(type);
    updateClassMetadata(type, { role: { kind: 'provider', name } });
  };
}

/**
 * Registers a task class under the name clients submit it by.
 *
 * @example
 * @task('user.create', { timeoutMs: 30_000 }) export class CreateUserTask extends Task { ... }
 */
export function task(name: string, options: TaskOptions = {}) {
  return (type: ClassOf<Task>): void => {
    Injectable()(type);
    updateClassMetadata(type, { role: { kind: 'task', name, options } });
  };
}

/**
 * Registers an event source; the name is also that of the event it publishes.
 *
 * @example
 * @eventSource('user.login') export class LoginSource extends EventSource { ... }
 */
export function eventSource(name: string) {
  return (type: ClassOf<EventSource>): void => {
    Injectable()(type);
    updateClassMetadata(type, { role: { kind: 'event-source', name } });
  };
}

/** The options of {@link Plugin}. */
export interface PluginOptions {
  /** Plugins that load before this one: `share`, or `share@^2` with a range by the rules of semver. */
  readonly depends?: readonly string[];
  /** Any JSON object; other plugins and clients find it in `management.get_plugins`. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Of the plugin itself, for those who depend on it: `2.1.0`. */
  readonly version?: string;
  /** Which versions of the dispatcher it is written for: `^1`. */
  readonly host?: string;
  /**
   * A schema class: what `dispatcher.plugins.<name>` of the configuration may say. Checked before the
   * plugin is constructed; its values are injected under the class, and given to a static `forRoot`.
   */
  readonly options?: AnyClass;
  /** Classes that become named schema definitions. */
  readonly schemas?: readonly AnyClass[];
  /** Classes with `@settings`: what people may change while the plugin runs. */
  readonly settings?: readonly SettingsType[];
  /** Providers, tasks, event sources and whatever else Nest should construct. */
  readonly providers?: ModuleMetadata['providers'];
  /** Nest modules whose exports the plugin's classes need. */
  readonly imports?: ModuleMetadata['imports'];
}

/**
 * Makes a class the plugin of its file: a Nest module with the dispatcher's additions.
 *
 * @example
 * @Plugin({ depends: ['system'], schemas: [User], providers: [UserProvider] })
 * export default class UserPlugin { async init(context: PluginContext) {} }
 */
export function Plugin(options: PluginOptions = {}) {
  const { version, host, options: schema } = options;
  return (type: Type): void => {
    const providers = options.providers ?? [];
    Module({ providers, imports: options.imports ?? [] })(type);
    updateClassMetadata(type, {
      plugin: {
        depends: options.depends ?? [],
        metadata: options.metadata ?? {},
        schemas: options.schemas ?? [],
        settings: options.settings ?? [],
        providers: providers.filter((entry): entry is Type => typeof entry === 'function'),
        ...(version !== undefined && { version }),
        ...(host !== undefined && { host }),
        ...(schema !== undefined && { options: schema }),
      },
    });
  };
}
