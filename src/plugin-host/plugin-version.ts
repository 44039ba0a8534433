import semver from 'semver';
import { PluginFailure } from './plugin-failure.js';

/** What a plugin's `depends` says: `share`, or `share@^2` with a range of versions. */
export interface Dependency {
  readonly name: string;
  /** Null: any version, also none. */
  readonly range: string | null;
}

/** @throws PluginFailure of stage `dependencies` when what follows the `@` is no range */
export function parseDependency(text: string): Dependency {
  const at = text.indexOf('@');
  if (at === -1) return { name: text, range: null };
  const [name, range] = [text.slice(0, at), text.slice(at + 1)];
  assertRange(range, `depends on ${text}`);
  return { name, range };
}

/** @throws PluginFailure of stage `dependencies` naming what does not fit */
export function assertVersions(
  { version, host }: { readonly version?: string; readonly host?: string },
  server: string,
): void {
  if (version !== undefined && semver.valid(version) === null) {
    throw new PluginFailure('dependencies', `its version ${version} is none: write 1.2.3`);
  }
  if (host === undefined) return;
  assertRange(host, `host ${host}`);
  if (!semver.satisfies(server, host)) {
    throw new PluginFailure('dependencies', `wants dispatcher ${host}, and this is ${server}`);
  }
}

/** Why a plugin of that version is not the one that is wanted; null when it is. */
export function misfit({ name, range }: Dependency, version: string | null): string | null {
  if (range === null || (version !== null && semver.satisfies(version, range))) return null;
  const present =
    version === null ? `${name} says no version in its @Plugin` : `${name} is ${version}`;
  return `depends on ${name}@${range}, and ${present}`;
}

function assertRange(range: string, what: string): void {
  if (semver.validRange(range) !== null) return;
  throw new PluginFailure('dependencies', `${what}: "${range}" is no range of versions`);
}
