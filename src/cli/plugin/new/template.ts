import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const ENDING = '.template';
/** npm leaves such files out of packages under their own names. */
const DOTTED = new Set(['gitignore', 'npmrc']);

/**
 * Makes a folder out of a template: `<%= key %>` in a file and `__key__` in its name stand for values.
 * It is there as a whole or not at all.
 *
 * @throws Error of the file system; EEXIST and ENOTEMPTY when the folder is there already
 */
export async function makeFromTemplate(
  template: string,
  folder: string,
  values: Readonly<Record<string, string>>,
): Promise<string[]> {
  const draft = join(dirname(folder), `.${basename(folder)}-${process.pid}.new`);
  await mkdir(draft, { recursive: true });
  try {
    const names = (await readdir(template)).filter((name) => name.endsWith(ENDING));
    const made = names.map((name) => ({ name, target: targetOf(name, values) }));
    for (const { name, target } of made) {
      const text = await readFile(join(template, name), 'utf8');
      await writeFile(join(draft, target), filled(text, values), { flag: 'wx' });
    }
    await rename(draft, folder);
    return made.map(({ target }) => target).sort();
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

function targetOf(name: string, values: Readonly<Record<string, string>>): string {
  const stem = name.slice(0, -ENDING.length);
  if (DOTTED.has(stem)) return `.${stem}`;
  return stem.replace(/__(\w+)__/g, (all, key: string) => values[key] ?? all);
}

/** @throws Error for a placeholder that nothing stands for */
function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/<%= (\w+) %>/g, (_, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`The template asks for ${key}, which nobody gave`);
    return value;
  });
}
