import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServerProcess } from '../support/server-process.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NAS = join(ROOT, 'examples/nas');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const CONTROL = join(ROOT, 'dist/src/cli/dispatcherctl.js');

let folder: string;
let server: ServerProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dispatcher-nas-'));
  await symlink(NAS, join(folder, 'nas'));
  server = await ServerProcess.start({
    dispatcher: { 'plugin-dirs': [folder], 'shipped-plugins': false },
  });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** Runs a line of the page; what it says is JSON, or nothing. */
async function answer(line: string): Promise<unknown> {
  const words = (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''));
  const [npx, control, ...rest] = words;
  expect([npx, control]).toEqual(['npx', 'dispatcherctl']);
  const args = rest.map((word) => word.replace('/tmp/nas-example', join(folder, 'shares')));
  const { stdout } = await run(process.execPath, [CONTROL, '--url', server.url, ...args]);
  return stdout === '' ? null : (JSON.parse(stdout) as unknown);
}

describe('the example of a plugin', () => {
  it('does on a server what its page shows', async () => {
    const page = await readFile(join(NAS, 'README.md'), 'utf8');
    const [, , commands = ''] = Array.from(
      page.matchAll(/^```sh\n([^]*?)^```$/gm),
      ([, block = '']) => block,
    );
    const answers: unknown[] = [];
    for (const line of commands.trim().split('\n')) answers.push(await answer(line));
    const [, create, created, schedule, , measured, rows, remove, removed] = answers;
    expect([create, schedule, remove]).toEqual([1, 1, 4]);
    expect(created).toMatchObject({ state: 'FINISHED', result: 'photos' });
    expect(measured).toMatchObject({ state: 'FINISHED', result: { shares: 1, used_bytes: 0 } });
    expect(rows).toMatchObject([{ id: 'photos', used_bytes: 0, read_only: false }]);
    expect(removed).toMatchObject({ state: 'FINISHED' });
  });
});

describe('the example of a page', () => {
  it('is right by the types of the present server', async () => {
    const page = join(folder, 'page');
    await cp(join(ROOT, 'examples/client-in-a-page'), page, { recursive: true });
    await mkdir(join(page, 'node_modules'));
    await symlink(ROOT, join(page, 'node_modules/dispatcher'));
    const api = join(page, 'api.ts');
    await rm(api);
    await run(process.execPath, [CONTROL, '--url', server.url, 'codegen', '--out', api]);
    await run(process.execPath, [TSC, '-p', page]);
    await rm(api);
    await expect(run(process.execPath, [TSC, '-p', page])).rejects.toThrow(); // it is needed
  }, 60_000);
});
