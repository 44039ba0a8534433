import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npm } from '../npm.js';

/** What of a package.json says what is needed at run time. */
const KEPT = ['name', 'version', 'type', 'dependencies', 'optionalDependencies', 'overrides'];
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'];

/** Whether the install scripts of what a plugin needs are run; they may do anything. */
export type ScriptPolicy = 'run' | 'ignore';

/**
 * Fetches what the plugin in the folder needs at run time. What it is developed with is not even looked
 * up: that may lie in a registry that nobody here can reach. Its package.json is afterwards as it was.
 *
 * @throws Error with npm's own last words
 */
export async function installDependencies(folder: string, policy: ScriptPolicy): Promise<void> {
  const file = join(folder, 'package.json');
  const whole = await readFile(file, 'utf8');
  const manifest = JSON.parse(whole) as Record<string, unknown>;
  const scripts = picked(manifest['scripts'] ?? {}, INSTALL_SCRIPTS);
  await writeFile(file, JSON.stringify({ ...picked(manifest, KEPT), scripts }));
  await npm(
    [
      'install',
      '--omit=dev',
      // what is a peer the server has itself, and a plugin must not have a second one
      '--omit=peer',
      '--legacy-peer-deps',
      '--no-package-lock',
      ...(policy === 'run' ? [] : ['--ignore-scripts']),
    ],
    folder,
  );
  await writeFile(file, whole);
}

function picked(record: object, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => keys.includes(key)));
}
