import { lstat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { CommandContext } from '../../command.js';
import { EXIT, UsageError } from '../../exit-status.js';
import { ownPackage, PACKAGE_ROOT } from '../package-root.js';
import { checkPluginName } from '../plugin-name.js';
import { makeFromTemplate } from './template.js';

const NEW_HELP = `Usage: dispatcherctl plugin new NAME [--dir FOLDER]

Makes the project of a plugin: a provider, a task, an event source, a test of each, types and lint.

  NAME           of the plugin: lower-case letters, digits and dashes, such as disk-watch
  --dir FOLDER   where the project's folder is made (default: the present one)
`;
const TEMPLATE = join(PACKAGE_ROOT, 'templates/plugin');

/** @throws UsageError for a name that is none, Error when the folder is there already */
export async function newCommand({ argv, output }: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { dir: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    output.write(NEW_HELP);
    return EXIT.done;
  }
  const [given, ...more] = positionals;
  if (given === undefined || more.length > 0) throw new UsageError(`Which name?\n\n${NEW_HELP}`);
  const name = checkPluginName(given);
  const folder = join(resolve(values.dir ?? '.'), name);
  await assertFree(folder);
  const files = await makeFromTemplate(TEMPLATE, folder, valuesFor(name));
  output.write(
    [
      `Made ${folder}:`,
      ...files.map((file) => `  ${file}`),
      '',
      'What comes next:',
      `  cd ${folder}`,
      '  npm install',
      '  npm test',
      '  npx dispatcherctl plugin check .',
      '  npx dispatcherctl plugin dev .',
      '',
    ].join('\n'),
  );
  return EXIT.done;
}

/** What is there stays, whatever it is. */
async function assertFree(folder: string): Promise<void> {
  const present = await lstat(folder).catch(() => null);
  if (present !== null) throw new Error(`${folder} is there already: nothing was written`);
}

function valuesFor(name: string): Readonly<Record<string, string>> {
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
