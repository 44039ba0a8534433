import type { SystemDistribution } from '../schemas/system-info.schema.js';

/**
 * Reads the assignments of an `os-release` file (see os-release(5)): shell syntax without
 * expansion. Lines that are no assignment are skipped, as the manual asks.
 */
export function parseOsRelease(text: string): SystemDistribution {
  const fields = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/^([A-Z][A-Z0-9_]*)=(.*)$/gm)) {
    if (name !== undefined && value !== undefined) fields.set(name, unquote(value.trim()));
  }
  return {
    id: fields.get('ID') ?? 'linux',
    name: fields.get('NAME') ?? 'Linux',
    version: fields.get('VERSION_ID') ?? null,
    codename: fields.get('VERSION_CODENAME') ?? null,
  };
}

function unquote(value: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(value);
  if (quoted?.[2] === undefined) return value;
  return quoted[1] === "'" ? quoted[2] : quoted[2].replace(/\\([\\"$`])/g, '$1');
}
