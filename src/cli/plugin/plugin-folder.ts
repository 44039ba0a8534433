import { realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UsageError } from '../exit-status.js';

export interface PluginFolder {
  /** The name that a server gives it: that of its folder. */
  readonly name: string;
  /** Absolute, free of symbolic links. */
  readonly directory: string;
}

/** @throws UsageError when there is no plugin */
export async function pluginFolder(path: string): Promise<PluginFolder> {
  const directory = await realpath(path).catch(() => null);
  if (directory === null) throw new UsageError(`There is no folder ${path}`);
  for (const entry of ['index.ts', 'index.js']) {
    const info = await stat(join(directory, entry)).catch(() => null);
    if (info?.isFile() === true) return { name: basename(directory), directory };
  }
  throw new UsageError(`${directory} is no plugin: it has no index.ts and no index.js`);
}
