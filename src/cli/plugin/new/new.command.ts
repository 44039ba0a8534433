import { lstat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PluginInvocation } from '../plugin-invocation.js';
import { ownPackage, PACKAGE_ROOT } from '../package-root.js';
import { checkPluginName } from '../plugin-name.js';
import { makeFromTemplate } from './template.js';

const TEMPLATE = join(PACKAGE_ROOT, 'templates/plugin');

/** @throws UsageError for a name that is none, Error when the folder is there already */
export async function newCommand({ operands, options, io }: PluginInvocation): Promise<undefined> {
  const [given = ''] = operands;
  const name = checkPluginName(given);
  const folder = join(resolve(options.text('dir') ?? '.'), name);
  await assertFree(folder);
  const files = await makeFromTemplate(TEMPLATE, folder, valuesFor(name));
  io.output.write(
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
