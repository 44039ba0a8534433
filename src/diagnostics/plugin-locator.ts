import { realpathSync } from 'node:fs';
import { parse, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface CodeLocation {
  readonly plugin: string;
  /** `/etc/dispatcher/plugins/users/index.ts:12` */
  readonly location: string;
}

/** A frame of a stack as V8 writes it; the file may be a URL. */
const FRAME = /(?:\(|at )((?:file:\/\/)?\/[^()]+?):(\d+)(?::\d+)?\)?$/;

/** Tells whose code a file is: a plugin has the name of its folder, or of its only file. */
export class PluginLocator {
  readonly #directories: readonly string[];

  /** Later folders, which may lie inside earlier ones, are asked first. */
  constructor(directories: readonly string[]) {
    this.#directories = directories.flatMap((path) => [path, realPath(path)]).reverse();
  }

  /** Null for code that is no plugin's. */
  pluginOf(file: string): string | null {
    const path = file.startsWith('file:') ? fileURLToPath(file) : file;
    for (const directory of this.#directories) {
      const inside = relative(directory, path);
      const [first = ''] = inside.split(sep);
      if (first !== '' && first !== '..' && first !== 'node_modules') return parse(first).name;
    }
    return null;
  }

  /** The innermost place in a stack that belongs to a plugin. */
  inStack(stack: string): CodeLocation | null {
    for (const line of stack.split('\n')) {
      const [, file, row] = FRAME.exec(line.trim()) ?? [];
      const plugin = file === undefined ? null : this.pluginOf(file);
      if (file !== undefined && plugin !== null) {
        const path = file.startsWith('file:') ? fileURLToPath(file) : file;
        return { plugin, location: `${path}:${row ?? ''}` };
      }
    }
    return null;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // a folder that is not there is a warning of the plugin host's
  }
}
