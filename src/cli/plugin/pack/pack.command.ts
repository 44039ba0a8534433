import { join, resolve } from 'node:path';
import { inspectArchive } from '../install/archive.js';
import { npm } from '../npm.js';
import { pluginFolder } from '../plugin-folder.js';
import type { PluginInvocation } from '../plugin-invocation.js';
import { readManifest } from '../manifest.js';

/** @throws UsageError; Error when the plugin cannot be packed, or not be installed once it is */
export async function packCommand({ operands, options, io }: PluginInvocation): Promise<undefined> {
  const { directory } = await pluginFolder(operands[0] ?? '');
  await readManifest(directory);
  const target = resolve(options.text('out') ?? '.');
  const flags = ['--json', '--ignore-scripts', '--pack-destination', target];
  const [packed] = JSON.parse(await npm(['pack', ...flags], directory)) as { filename: string }[];
  const file = join(target, packed?.filename ?? '');
  await inspectArchive(file);
  io.output.write(`${file}\n`);
}
