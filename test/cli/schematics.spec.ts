import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const bin = (name: string): string => join(ROOT, 'node_modules/.bin', name);

let project: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'schematics-'));
  await mkdir(join(project, 'node_modules'));
  await symlink(ROOT, join(project, 'node_modules/dispatcher'));
  for (const name of ['@eslint', '@types', 'class-validator', 'typescript-eslint', 'vitest']) {
    await symlink(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  }
  await writeFile(join(project, 'package.json'), '{ "name": "mine", "private": true }');
});
afterAll(() => rm(project, { recursive: true, force: true }));

/** Nest's own command; it ends with 0 whatever happened, and says it. */
async function generate(...words: string[]): Promise<string> {
  const { stdout, stderr } = await run(bin('nest'), ['g', '-c', 'dispatcher', ...words], {
    cwd: project,
  });
  return stripVTControlCharacters(stdout + stderr);
}

async function contents(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder);
  const files = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')]);
  return Object.fromEntries((await Promise.all(files)) as [string, string][]);
}

describe('nest g -c dispatcher', () => {
  it('plugin makes what dispatcherctl plugin new makes', async () => {
    expect(await generate('plugin', 'disk-watch')).toContain('CREATE disk-watch/index.ts');
    await mkdir(join(project, 'by'));
    const cli = join(ROOT, 'dist/src/cli/dispatcherctl.js');
    await run(process.execPath, [cli, 'plugin', 'new', 'disk-watch', '--dir', join(project, 'by')]);
    const made = await contents(join(project, 'disk-watch'));
    expect(made).toEqual(await contents(join(project, 'by/disk-watch')));
  });

  it('provider, task and source make parts that compile and lint in it', async () => {
    for (const part of ['provider', 'task', 'source']) {
      const said = await generate(part, 'volume-group', 'disk-watch');
      expect(said).toContain(`CREATE disk-watch/volume-group.${part}.ts`);
    }
    const folder = join(project, 'disk-watch');
    await run(bin('tsc'), ['--noEmit', '-p', folder]);
    await run(bin('eslint'), ['.'], { cwd: folder });
  });

  it('writes over nothing, and says what a name looks like', async () => {
    await writeFile(join(project, 'mine.task.ts'), 'mine');
    expect(await generate('task', 'mine')).toContain('mine.task.ts is there already');
    expect(await readFile(join(project, 'mine.task.ts'), 'utf8')).toBe('mine');
    expect(await generate('provider', '1x')).toContain('is no name for a plugin');
  });
});
