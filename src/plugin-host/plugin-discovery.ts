import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../sdk/index.js';

/** One folder in which plugins are looked for. */
export interface PluginDirectory {
  readonly path: string;
  /** Comes with the product: that it is missing is the installation's fault, not the configuration's. */
  readonly isShipped: boolean;
}

/** A plugin as it lies on the disk, its code not yet read. */
export interface DiscoveredPlugin {
  /** Name of its folder, or of its file without the ending. */
  readonly name: string;
  /** The folder the plugin lives in, absolute and free of symbolic links. */
  readonly directory: string;
  /** The file whose default export is the plugin's class. */
  readonly entry: string;
}

/** A plugin that may not load because an earlier one has its name. */
export interface DuplicatePlugin extends DiscoveredPlugin {
  readonly error: string;
}

export interface Discovery {
  readonly plugins: ReadonlyMap<string, DiscoveredPlugin>;
  readonly duplicates: readonly DuplicatePlugin[];
}

// A source wins over what was compiled from it and left beside it.
const ENDINGS = ['.ts', '.js'];
const NO_PLUGIN = /\.(d|spec|test)\.[tj]s$/;
const IGNORED_FOLDERS = new Set(['disabled', 'node_modules']);

/**
 * Looks into each directory, in order. Directories and plugins are compared by their real paths, so
 * that naming one twice, also through a symbolic link, changes nothing.
 */
export async function discoverPlugins(
  directories: readonly PluginDirectory[],
  logger: Logger,
): Promise<Discovery> {
  const plugins = new Map<string, DiscoveredPlugin>();
  const duplicates: DuplicatePlugin[] = [];
  for (const directory of directories) {
    for (const plugin of await pluginsIn(directory, logger)) {
      const earlier = plugins.get(plugin.name);
      if (earlier === undefined) plugins.set(plugin.name, plugin);
      else if (earlier.entry !== plugin.entry) {
        duplicates.push({ ...plugin, error: `the name is already taken by ${earlier.entry}` });
      }
    }
  }
  return { plugins, duplicates };
}

async function pluginsIn(
  { path, isShipped }: PluginDirectory,
  logger: Logger,
): Promise<DiscoveredPlugin[]> {
  let names: string[];
  try {
    names = await readdir(path);
  } catch (error) {
    const message = 'Plugin directory cannot be read';
    if (isShipped) logger.error(message, { directory: path, error });
    else logger.warn(message, { directory: path, error });
    return [];
  }
  const found = await Promise.all(names.sort().map((name) => pluginAt(path, name, names)));
  return found.filter((plugin) => plugin !== null);
}

async function pluginAt(
  directory: string,
  name: string,
  siblings: readonly string[],
): Promise<DiscoveredPlugin | null> {
  if (name.startsWith('.')) return null;
  const path = join(directory, name);
  const info = await stat(path).catch(() => null); // a dangling link is no plugin
  if (info?.isDirectory() === true) return pluginInFolder(path, name);
  const ending = ENDINGS.find((candidate) => name.endsWith(candidate));
  if (info?.isFile() !== true || ending === undefined || NO_PLUGIN.test(name)) return null;
  const stem = name.slice(0, -ending.length);
  if (ending === '.js' && siblings.includes(`${stem}.ts`)) return null;
  return { name: stem, directory: await realpath(directory), entry: await realpath(path) };
}

async function pluginInFolder(path: string, name: string): Promise<DiscoveredPlugin | null> {
  if (IGNORED_FOLDERS.has(name)) return null;
  for (const ending of ENDINGS) {
    const entry = join(path, `index${ending}`);
    const info = await stat(entry).catch(() => null);
    if (info?.isFile() === true) {
      return { name, directory: await realpath(path), entry: await realpath(entry) };
    }
  }
  return null;
}
