import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from './chromium.js';
import { ConsoleHarness } from './console.harness.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TASK = ['files.checksum', [{ source: '/etc/hosts' }]] as const;

const ECHO = `
import { accepts, h, Plugin, Provider, provider, returns } from 'dispatcher';
@provider('echo') export class EchoProvider extends Provider {
  @accepts(h.any()) @returns(h.any()) one(value: unknown) { return { value }; }
  @accepts(h.any(), h.any()) @returns(h.any()) two(a: unknown, b: unknown) { return [a, b]; }
}
@Plugin({ providers: [EchoProvider] }) export default class {}
`;

/** What shells, JavaScript and JSON each have their own rules for. */
const VALUES: readonly unknown[] = [
  ...[
    '',
    ' ',
    "it's",
    '"said"',
    String.raw`back\slash \n`,
    'two\nlines',
    '$HOME $(id) `id` !!',
    '*?[a]{b,c}~',
  ],
  ...[
    '--help',
    '-x',
    '@/etc/hosts',
    'a=b',
    'a:=1',
    '# no comment',
    '; exit 3',
    '<b>&amp;</b>',
    'größe 📦 שלום',
  ],
  ...[
    0,
    -1.5e-7,
    9007199254740991,
    true,
    null,
    [],
    {},
    [[['deep']]],
    { 'a b': { "it's": ['$x'] } },
  ],
  ...[{ $date: '2026-01-31T12:00:00.000Z' }, { $long: '1152921504606846976' }],
];
const CALLS = [
  ...VALUES.map((value) => ['echo.one', [value]] as const),
  ['echo.two', ['a', "b'c"]] as const,
  ['discovery.get_services', []] as const,
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dispatcher-copied-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(ROOT, join(folder, 'node_modules/dispatcher'));
  const program = join(folder, 'dispatcherctl');
  const entry = join(ROOT, 'dist/src/cli/dispatcherctl.js');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`);
  await chmod(program, 0o755);
});
afterAll(() => rm(folder, { recursive: true }));

/** What the page offers to be copied, by form. */
async function offered(page: Page, what: 'call' | 'task'): Promise<Record<string, string>> {
  const panel = page.getByRole('region', { name: `The same ${what} elsewhere` });
  const texts: Record<string, string> = {};
  for (const form of ['Client', 'CLI', 'Frame']) {
    await panel.getByRole('button', { name: form, exact: true }).click();
    texts[form] = (await panel.locator('pre').textContent()) ?? '';
  }
  return texts;
}

async function inShell(line: string): Promise<unknown> {
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  const { stdout } = await run('sh', ['-c', line], { env, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as unknown;
}

/** Runs the modules as they are, one after the other, in a program of their own. */
async function inNode(modules: readonly string[]): Promise<unknown[]> {
  const names = modules.map((_, index) => join(folder, `${index}.mjs`));
  await Promise.all(modules.map((text, index) => writeFile(names[index]!, text)));
  const all = names.map((name) => `await import(${JSON.stringify(pathToFileURL(name).href)});`);
  await writeFile(join(folder, 'all.mjs'), all.join('\n'));
  const { stdout } = await run(process.execPath, [join(folder, 'all.mjs')], { maxBuffer: 2 ** 26 });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

describe.skipIf(CHROMIUM === null)('what the console offers to be copied (needs chromium)', () => {
  let console: ConsoleHarness;
  beforeAll(async () => {
    console = await ConsoleHarness.start({ 'echo.ts': ECHO });
  });
  afterAll(() => console.stop());

  it(`runs as it is: ${CALLS.length} calls in a shell, in Node and as frames`, async () => {
    const admin = await console.server.admin();
    const page = await console.loggedIn();
    const copied: Record<string, string>[] = [];
    const expected: unknown[] = [];
    for (const [name, args] of CALLS) {
      const place = `#/calls/${name}?args=${encodeURIComponent(JSON.stringify(args))}`;
      await page.goto(`${console.address}/`);
      await page.evaluate((hash) => (location.hash = hash), place);
      await page.getByRole('heading', { name, exact: true }).waitFor();
      copied.push(await offered(page, 'call'));
      expected.push(await admin.result(name, ...args));
    }
    expect(await inNode(copied.map(({ Client = '' }) => Client))).toEqual(expected);
    for (const [index, { CLI = '', Frame = '' }] of copied.entries()) {
      expect(await inShell(`${CLI} --json`), CLI).toEqual(expected[index]);
      const { namespace, name, args } = JSON.parse(Frame) as Record<string, string>;
      const { args: answer } = await admin.request(namespace!, name!, args);
      expect(answer).toEqual(expected[index]);
    }
  }, 180_000);

  it('runs as it is: a task', async () => {
    const page = await console.loggedIn(
      `#/tasks/new?task=${TASK[0]}&args=${encodeURIComponent(JSON.stringify(TASK[1]))}`,
    );
    const { CLI = '', Client = '', Frame = '' } = await offered(page, 'task');
    const [byClient] = await inNode([Client]);
    const admin = await console.server.admin();
    const { args } = JSON.parse(Frame) as { args: { method: string; args: unknown[] } };
    const id = await admin.result<number>(args.method, ...args.args);
    const row = await admin.result<{ result: unknown }>('task.wait', id);
    expect(byClient).toEqual(row.result);
    expect(await inShell(`${CLI} --json`)).toEqual(row.result);
  });
});
