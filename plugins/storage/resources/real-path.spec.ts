import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { realPathOf } from './real-path.js';

it('the real path follows links in folders that exist, but not the last name', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'real-')));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'a'));
  await symlink('a', join(folder, 'l'));
  expect(await realPathOf(`${folder}/l/../l//x/y/`)).toBe(join(folder, 'a/x/y'));
  expect(await realPathOf(join(folder, 'l'))).toBe(join(folder, 'l'));
  expect(await realPathOf('/')).toBe('/');
  expect(await realPathOf('/..')).toBe('/');
  expect(await realPathOf('/nowhere/at/all')).toBe('/nowhere/at/all');
});
