import { fileURLToPath } from 'node:url';
import type { DispatcherConfiguration } from '../config/index.js';

/** The plugins that come with the product lie beside the compiled server. */
const SHIPPED = fileURLToPath(new URL('../../plugins', import.meta.url));

/** Where plugins are looked for: the shipped ones first, then the configured folders in order. */
export function pluginDirectories(
  dispatcher: Pick<DispatcherConfiguration['dispatcher'], 'pluginDirs' | 'shippedPlugins'>,
): { readonly path: string; readonly isShipped: boolean }[] {
  const configured = dispatcher.pluginDirs.map((path) => ({ path, isShipped: false }));
  return dispatcher.shippedPlugins
    ? [{ path: SHIPPED, isShipped: true }, ...configured]
    : configured;
}
