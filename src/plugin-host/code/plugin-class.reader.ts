import type { DynamicModule, Type } from '@nestjs/common';
import {
  type AnyClass,
  classMetadata,
  type PluginLifecycle,
  type PluginMetadata,
} from '../../sdk/index.js';

/** The class that a plugin's entry file exports, with what its `@Plugin` says. */
export interface PluginClass {
  readonly type: Type<PluginLifecycle>;
  readonly plugin: PluginMetadata;
  /** What Nest is given: the class, or the module that its `forRoot` has made. */
  readonly module: Type | DynamicModule;
}

/**
 * Picks the plugin's class out of the exports: `export default`, or `module.exports` of CommonJS; a
 * class, or the module that a static method of it has made.
 *
 * @throws Error saying what is missing
 */
export function readPluginClass(exported: unknown): PluginClass {
  const found = defaultExport(exported);
  const type = isDynamicModule(found) ? found.module : found;
  if (typeof type !== 'function') {
    throw new Error('the file has no class as its default export');
  }
  const { plugin } = classMetadata(type);
  if (plugin === undefined) {
    throw new Error(`the default export ${type.name} is not decorated with @Plugin`);
  }
  const declared = { type: type as Type<PluginLifecycle>, plugin, module: type as Type };
  return isDynamicModule(found) ? madeOf(declared, found) : declared;
}

/**
 * Has the class make its module of the options, where it has a static `forRoot` and the file does not
 * export what that made.
 *
 * @throws (rejects with) what `forRoot` throws; Error when it gives something else
 */
export async function withOptions(declared: PluginClass, options: object): Promise<PluginClass> {
  const { type, module } = declared;
  const maker = type as Type & { forRoot?: (options: object) => unknown };
  if (module !== type || typeof maker.forRoot !== 'function') return declared;
  const made = await maker.forRoot(options);
  if (!isDynamicModule(made) || made.module !== type) {
    throw new Error(
      `forRoot of ${type.name} gives no module of ${type.name}: return { module: ${type.name} }`,
    );
  }
  return madeOf(declared, made);
}

function madeOf({ type, plugin }: PluginClass, module: DynamicModule): PluginClass {
  const more = (module.providers ?? []).filter((entry) => typeof entry === 'function');
  const providers = [...new Set<AnyClass>([...plugin.providers, ...more])];
  return { type, plugin: { ...plugin, providers }, module };
}

function isDynamicModule(value: unknown): value is DynamicModule {
  return typeof value === 'object' && value !== null && 'module' in value;
}

function defaultExport(exported: unknown): unknown {
  const isNamespace = typeof exported === 'object' && exported !== null && 'default' in exported;
  return isNamespace ? exported.default : exported;
}
