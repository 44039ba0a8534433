import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { CommandContext } from '../../command.js';
import { EXIT, UsageError } from '../../exit-status.js';
import { inspectArchive } from '../install/archive.js';
import { npm } from '../npm.js';
import { pluginFolder } from '../plugin-folder.js';
import { readManifest } from '../manifest.js';

const PACK_HELP = `Usage: dispatcherctl plugin pack DIR [--out FOLDER]

Makes an archive of a plugin that \`plugin install\` takes: what \`npm pack\` makes of it.

  --out FOLDER   where it is written (default: the present folder)
`;

/** @throws UsageError; Error when the plugin cannot be packed, or not be installed once it is */
export async function packCommand({ argv, output }: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { out: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    output.write(PACK_HELP);
    return EXIT.done;
  }
  if (positionals.length !== 1) throw new UsageError(`Which folder?\n\n${PACK_HELP}`);
  const { directory } = await pluginFolder(positionals[0] ?? '');
  await readManifest(directory);
  const target = resolve(values.out ?? '.');
  const flags = ['--json', '--ignore-scripts', '--pack-destination', target];
  const [packed] = JSON.parse(await npm(['pack', ...flags], directory)) as { filename: string }[];
  const file = join(target, packed?.filename ?? '');
  await inspectArchive(file);
  output.write(`${file}\n`);
  return EXIT.done;
}
