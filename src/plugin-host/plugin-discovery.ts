import type { Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { messageOf } from '../common/index.js';
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
  /** Whether it comes with the product. */
  readonly isShipped?: boolean;
}

/** A plugin that may not load because an earlier one has its name. */
export interface DuplicatePlugin extends DiscoveredPlugin {
  readonly error: string;
}

export interface Discovery {
  readonly plugins: ReadonlyMap<string, DiscoveredPlugin>;
  readonly duplicates: readonly DuplicatePlugin[];
  /** Why nobody could see whether the plugin is still there; null when somebody could. */
  readonly unread: (plugin: DiscoveredPlugin) => string | null;
}

/** A place that could not be looked into, free of symbolic links, and why. */
interface Unread {
  readonly path: string;
  readonly error: string;
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
  const unread: Unread[] = [];
  for (const directory of directories) {
    for (const plugin of await pluginsIn(directory, { logger, unread })) {
      const earlier = plugins.get(plugin.name);
      if (earlier === undefined)
        plugins.set(plugin.name, directory.isShipped ? { ...plugin, isShipped: true } : plugin);
      else if (earlier.entry !== plugin.entry) {
        duplicates.push({ ...plugin, error: `the name is already taken by ${earlier.entry}` });
      }
    }
  }
  return { plugins, duplicates, unread: (plugin) => reasonOf(plugin, unread) };
}

function reasonOf({ entry }: DiscoveredPlugin, unread: readonly Unread[]): string | null {
  const place = unread.find(({ path }) => entry === path || entry.startsWith(`${path}${sep}`));
  return place?.error ?? null;
}

interface Look {
  readonly logger: Logger;
  /** Takes what could not be looked into. */
  readonly unread: Unread[];
}

async function pluginsIn(
  { path, isShipped }: PluginDirectory,
  { logger, unread }: Look,
): Promise<DiscoveredPlugin[]> {
  let names: string[];
  try {
    names = await readdir(path);
  } catch (error) {
    const message = `Plugin directory ${path} cannot be read: ${messageOf(error)}`;
    if (isShipped) logger.error(message);
    else logger.warn(message);
    if (!isAbsence(error)) unread.push(await unreadAt(path, error));
    return [];
  }
  const look = async (name: string): Promise<DiscoveredPlugin | null> => {
    try {
      return await pluginAt(path, name, names);
    } catch (error) {
      if (isAbsence(error)) return null; // it has just gone
      logger.warn('Plugin cannot be looked at', { directory: path, name, error });
      unread.push(await unreadAt(join(path, name), error));
      return null;
    }
  };
  const found = await Promise.all(names.sort().map(look));
  return found.filter((plugin) => plugin !== null);
}

async function unreadAt(path: string, error: unknown): Promise<Unread> {
  return { path: await realpath(path).catch(() => path), error: messageOf(error) };
}

const ABSENCE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

/** Whether the error says that there is nothing, and not merely that nobody could see. */
function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ABSENCE.has(String(error.code));
}

/** Null for what is not there, a dangling link for instance. */
async function statOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

async function pluginAt(
  directory: string,
  name: string,
  siblings: readonly string[],
): Promise<DiscoveredPlugin | null> {
  if (name.startsWith('.')) return null;
  const path = join(directory, name);
  const info = await statOf(path);
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
    const info = await statOf(entry);
    if (info?.isFile() === true) {
      return { name, directory: await realpath(path), entry: await realpath(entry) };
    }
  }
  return null;
}
