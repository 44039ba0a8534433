import { lstat, readdir, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { distrust, type Trust } from './ownership.js';

/** A plain file of a plugin directory. */
export interface TreeFile {
  /** Below the directory, with `/`. */
  readonly relative: string;
  readonly path: string;
}

export interface Tree {
  readonly files: readonly TreeFile[];
  /** Of entries that are left out, by path. */
  readonly odd: readonly { readonly path: string; readonly message: string }[];
  /** What somebody else could have written. */
  readonly distrusted: { readonly path: string; readonly message: string } | null;
}

const MAX_DEPTH = 32;
// eslint-disable-next-line no-control-regex -- names with these would be read as something else later
const UNFIT = /[\u0000-\u001f\u007f]/;

/**
 * All files of a plugin directory, in the order of their names, partials and helpers included. Links are
 * followed to files below the directory only.
 *
 * @throws Error of the file system for the directory itself
 */
export async function readTree(directory: string, trust: Trust): Promise<Tree> {
  const root = await realpath(directory);
  const files: TreeFile[] = [];
  const odd: { path: string; message: string }[] = [];
  let distrusted: Tree['distrusted'] = null;
  const judge = async (path: string) => {
    const info = await lstat(path);
    const reason = info.isSymbolicLink() ? null : distrust(info, trust);
    if (reason !== null) distrusted ??= { path, message: `${path} ${reason}` };
    return info;
  };
  const visit = async (folder: string, depth: number): Promise<void> => {
    for (const name of (await readdir(folder)).sort()) {
      if (isIgnored(name)) continue;
      const path = join(folder, name);
      const leaveOut = (message: string): number => odd.push({ path, message });
      if (UNFIT.test(name)) leaveOut('the name contains a control character');
      else {
        const info = await judge(path);
        if (info.isDirectory() && depth < MAX_DEPTH) await visit(path, depth + 1);
        else if (info.isDirectory()) leaveOut(`folders lie deeper than ${MAX_DEPTH}`);
        else if (info.isFile()) files.push({ relative: below(root, path), path });
        else if (!info.isSymbolicLink()) leaveOut('is neither a file nor a folder');
        else {
          const end = await realpath(path).catch(() => null);
          if (end === null || !end.startsWith(root + sep)) leaveOut('is a link to somewhere else');
          else if (!(await judge(end)).isFile()) leaveOut('is a link to a folder');
          else files.push({ relative: below(root, path), path: end });
        }
      }
    }
  };
  await judge(root);
  await visit(root, 0);
  return { files, odd, distrusted };
}

const below = (root: string, path: string): string => relative(root, path).split(sep).join('/');

function isIgnored(name: string): boolean {
  return name.startsWith('.') || name.endsWith('~') || name === 'node_modules';
}
