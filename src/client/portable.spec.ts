import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

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

it.each(['../client/index.ts', '../wire/index.ts', '../wire/builder/index.ts'])(
  '%s imports nothing but client, wire and the portable part of common',
  (face) => {
    const imported = [...importsOf(fileURLToPath(new URL(face, import.meta.url)))];
    expect(imported.length).toBeGreaterThan(5);
    const own = /\/src\/(?:client|common|wire)\/[\w./-]+\.ts$/;
    expect(imported.filter((name) => !own.test(name))).toEqual([]);
    expect(imported.some((name) => name.endsWith('common/index.ts'))).toBe(false);
  },
);

it('the client needs no schema when it runs', () => {
  const imported = importsOf(fileURLToPath(new URL('index.ts', import.meta.url)));
  const ofWire = [...imported].filter((name) => name.includes('/src/wire/'));
  expect(ofWire.map((name) => name.replace(/.*\/src\//, ''))).toEqual(['wire/constants.ts']);
});
