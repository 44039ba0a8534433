import { UsageError } from '../../exit-status.js';
import type { PluginCallable } from '../namespaces/index.js';
import type { Source } from './source.js';

/** A command that a plugin of the shell brings. */
export function pluginSource({ name }: PluginCallable): Promise<Source> {
  throw new UsageError(`${name}: plugins are not there yet`);
}
