import { lstat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { PluginInvocation } from '../plugin-invocation.js';
import { checkPluginName } from '../plugin-name.js';
import { filesOf, makeFolder } from './template.js';

/** @throws UsageError for a name that is none, Error when the folder is there already */
export async function newCommand({ operands, options, io }: PluginInvocation): Promise<undefined> {
  const [given = ''] = operands;
  const name = checkPluginName(given);
  const folder = join(resolve(options.text('dir') ?? '.'), name);
  await assertFree(folder);
  const files = await filesOf('plugin', name);
  await makeFolder(folder, files);
  io.output.write(
    [
      `Made ${folder}:`,
      ...files.map(([file]) => `  ${file}`),
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
