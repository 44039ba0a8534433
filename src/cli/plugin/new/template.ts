import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ownPackage, PACKAGE_ROOT } from '../package-root.js';

const ENDING = '.template';
/** npm leaves such files out of packages under their own names. */
const DOTTED = new Set(['gitignore', 'npmrc']);

/** A file made from a template: its name and its text. */
type Made = readonly [name: string, text: string];
type Values = Readonly<Record<string, string>>;

/**
 * The files of a template folder (below `templates`) for a plugin or a part of that name: `<%= key %>` in a
 * file and `__key__` in its name stand for values.
 *
 * @throws Error for a placeholder that nothing stands for
 */
export async function filesOf(template: string, name: string): Promise<readonly Made[]> {
  const folder = join(PACKAGE_ROOT, 'templates', template);
  const values = valuesFor(name);
  const names = (await readdir(folder)).filter((file) => file.endsWith(ENDING)).sort();
  return Promise.all(
    names.map(async (file): Promise<Made> => {
      const text = await readFile(join(folder, file), 'utf8');
      return [targetOf(file, values), filled(text, values)];
    }),
  );
}

/**
 * Makes a folder of files, which is there as a whole or not at all.
 *
 * @throws Error of the file system; EEXIST and ENOTEMPTY when the folder is there already
 */
export async function makeFolder(folder: string, files: readonly Made[]): Promise<void> {
  const draft = join(dirname(folder), `.${basename(folder)}-${process.pid}.new`);
  await mkdir(draft, { recursive: true });
  try {
    for (const [name, text] of files) await writeFile(join(draft, name), text, { flag: 'wx' });
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

function valuesFor(name: string): Values {
  const words = name.split('-');
  return {
    name,
    service: words.join('_'),
    className: words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(''),
    version: ownPackage().version,
    // the very package that made it: a registry may know another of that name
    source: decodeURI(pathToFileURL(PACKAGE_ROOT).href).replace('file://', 'file:'),
  };
}

function targetOf(name: string, values: Values): string {
  const stem = name.slice(0, -ENDING.length);
  if (DOTTED.has(stem)) return `.${stem}`;
  return stem.replace(/__(\w+)__/g, (all, key: string) => values[key] ?? all);
}

function filled(text: string, values: Values): string {
  return text.replace(/<%= (\w+) %>/g, (_, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`The template asks for ${key}, which nobody gave`);
    return value;
  });
}
