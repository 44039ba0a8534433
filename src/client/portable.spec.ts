import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const FACE = fileURLToPath(new URL('index.ts', import.meta.url));

/** Every specifier that the file and what it imports name, types left out. */
function importsOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const source = readFileSync(file, 'utf8');
  for (const [, specifier = ''] of source.matchAll(
    /^(?:import|export) (?!type\b)[^;]*?from '([^']+)'/gms,
  )) {
    if (!specifier.startsWith('.')) seen.add(specifier);
    else importsOf(join(dirname(file), specifier.replace(/\.js$/, '.ts')), seen);
  }
  return seen;
}

it('the client imports nothing but itself and the portable part of common', () => {
  const imported = [...importsOf(FACE)];
  expect(imported.length).toBeGreaterThan(15);
  expect(imported.filter((name) => !/\/src\/(?:client|common)\/[\w./-]+\.ts$/.test(name))).toEqual(
    [],
  );
  expect(imported.some((name) => name.endsWith('common/index.ts'))).toBe(false);
});
