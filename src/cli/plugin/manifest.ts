import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import semver from 'semver';
import { ownPackage } from './package-root.js';
import { checkPluginName } from './plugin-name.js';

export interface Manifest {
  /** The plugin's: that of the package, without its scope. */
  readonly name: string;
  readonly version: string;
  readonly hasDependencies: boolean;
}

/**
 * What the package of a plugin says of itself.
 *
 * @throws Error when it is no plugin, or not one for this server
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => null);
  if (text === null) throw new Error('The plugin has no package.json');
  const { name, version, engines, peerDependencies, dependencies, optionalDependencies } =
    parse(text);
  if (typeof name !== 'string' || typeof version !== 'string') {
    throw new Error('The package.json of the plugin names no name and no version');
  }
  const manifest = {
    name: checkPluginName(name.replace(/^@[^/]+\//, '')),
    version,
    hasDependencies: hasKeys(dependencies) || hasKeys(optionalDependencies),
  };
  if (!/^[\w.+-]{1,64}$/.test(version)) throw new Error(`${JSON.stringify(version)} is no version`);
  assertFits(name, isRecord(peerDependencies) ? peerDependencies['dispatcher'] : undefined);
  assertEngine(name, isRecord(engines) ? engines['node'] : undefined);
  await assertEntry(folder);
  return manifest;
}

function assertFits(name: string, range: unknown): void {
  if (range === undefined) return;
  const { version } = ownPackage();
  if (typeof range !== 'string' || semver.validRange(range) === null) {
    throw new Error(`${name}: peerDependencies.dispatcher is no range of versions`);
  }
  if (semver.satisfies(version, range, { includePrerelease: true })) return;
  throw new Error(
    `${name} is for dispatcher ${range}, and this is ${version}: install a version of it that fits`,
  );
}

function assertEngine(name: string, range: unknown): void {
  const { node } = process.versions;
  if (typeof range !== 'string' || semver.validRange(range) === null) return;
  if (semver.satisfies(node, range, { includePrerelease: true })) return;
  throw new Error(`${name} needs Node.js ${range}, and this is ${node}`);
}

async function assertEntry(folder: string): Promise<void> {
  for (const entry of ['index.ts', 'index.js']) {
    const info = await stat(join(folder, entry)).catch(() => null);
    if (info?.isFile() === true) return;
  }
  throw new Error('The package has no index.ts and no index.js: it is no plugin');
}

function parse(text: string): Readonly<Record<string, unknown>> {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // told below
  }
  if (!isRecord(value)) throw new Error('The package.json of the plugin is no JSON object');
  return value;
}

function hasKeys(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length > 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
