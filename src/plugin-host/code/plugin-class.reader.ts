import type { Type } from '@nestjs/common';
import { classMetadata, type PluginLifecycle, type PluginMetadata } from '../../sdk/index.js';

/** The class that a plugin's entry file exports, with what its `@Plugin` says. */
export interface PluginClass {
  readonly type: Type<PluginLifecycle>;
  readonly plugin: PluginMetadata;
}

/**
 * Picks the plugin's class out of the exports: `export default`, or `module.exports` of CommonJS.
 *
 * @throws Error saying what is missing
 */
export function readPluginClass(exported: unknown): PluginClass {
  const type = defaultExport(exported);
  if (typeof type !== 'function') {
    throw new Error('the file has no class as its default export');
  }
  const { plugin } = classMetadata(type);
  if (plugin === undefined) {
    throw new Error(`the default export ${type.name} is not decorated with @Plugin`);
  }
  return { type: type as Type<PluginLifecycle>, plugin };
}

function defaultExport(exported: unknown): unknown {
  const isNamespace = typeof exported === 'object' && exported !== null && 'default' in exported;
  return isNamespace ? exported.default : exported;
}
