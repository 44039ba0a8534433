import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Options } from '../../arguments/index.js';
import { UsageError } from '../../exit-status.js';
import { newCommand } from './new.command.js';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'plugin-new-'))));
afterEach(() => rm(folder, { recursive: true }));

async function make(name: string): Promise<void> {
  const stream = new PassThrough().resume();
  await newCommand({
    operands: [name],
    options: new Options(new Map([['dir', [folder]]])),
    io: {
      ...{ input: stream, output: stream, notices: stream, env: {} },
      interrupt: new AbortController().signal,
      endAtInterrupt: () => undefined,
    },
  });
}

describe('plugin new', () => {
  it('makes a project in which every placeholder is filled in', async () => {
    await make('disk-watch');
    const project = join(folder, 'disk-watch');
    const names = await readdir(project);
    expect(names).toEqual(expect.arrayContaining(['.gitignore', 'index.ts', 'disk-watch.spec.ts']));
    for (const name of names) {
      expect(await readFile(join(project, name), 'utf8'), name).not.toMatch(/<%|__\w+__/);
    }
    const manifest: unknown = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: 'disk-watch', scripts: { test: 'vitest run' } });
    expect(await readdir(folder)).toEqual(['disk-watch']);
  });

  it('never writes over what is there', async () => {
    await writeFile(join(folder, 'disk-watch'), 'mine');
    await expect(make('disk-watch')).rejects.toThrow('is there already');
    expect(await readFile(join(folder, 'disk-watch'), 'utf8')).toBe('mine');
    expect(await readdir(folder)).toEqual(['disk-watch']);
  });

  it.each([
    '',
    '..',
    '../x',
    '/x',
    'A',
    'a b',
    'a--b',
    '-a',
    '1a',
    'a_b',
    'a\n',
    'dispatcher',
    'a'.repeat(65),
  ])('refuses the name %j', async (name) => {
    await expect(make(name)).rejects.toBeInstanceOf(Error);
    await expect(make(`./${name}`)).rejects.toBeInstanceOf(UsageError);
    expect(await readdir(folder)).toEqual([]);
  });
});
