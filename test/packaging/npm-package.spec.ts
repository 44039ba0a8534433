import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProject } from '../support/host-project.js';
import { PlainClient } from '../support/plain-client.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const EXAMPLE = join(ROOT, 'examples/host-application');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}

let manifest: Manifest;
let folder: string;
let project: HostProject;
let packed: { readonly filename: string; readonly files: readonly { readonly path: string }[] };

const npm = (args: readonly string[], cwd: string): string =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

beforeAll(async () => {
  manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Manifest;
  folder = await mkdtemp(join(tmpdir(), 'dispatcher-pack-'));
  // the tests have built it already
  const answer = npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], ROOT);
  [packed] = JSON.parse(answer) as [typeof packed];
  project = await HostProject.create();
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  npm(['install', ...flags, join(folder, packed.filename)], project.directory);
}, 180_000);
afterAll(async () => {
  await project.remove();
  await rm(folder, { recursive: true });
});

/** Runs a module in the project. */
function run(source: string): string {
  return execFileSync(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: project.directory,
    encoding: 'utf8',
  });
}

describe('the npm package', () => {
  it('contains what runs and what explains, and nothing of the tests', () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'package.json',
        'README.md',
        'CHANGELOG.md',
        'dist/src/main.js',
        'dist/src/cli/dispatcherctl.js',
        'dist/plugins/system/index.js',
        'docs/plugins.md',
      ]),
    );
    expect(
      paths.filter((path) => /spec\.|^test|^bench|^dist\/bench|tsbuildinfo/.test(path)),
    ).toEqual([]);
  });

  it('gives an empty project everything that it exports', () => {
    for (const [entry, target] of Object.entries(manifest.exports)) {
      const specifier = manifest.name + entry.slice(1);
      const isJson = typeof target === 'string' && target.endsWith('.json');
      const source = isJson
        ? `import it from '${specifier}' with { type: 'json' }; console.log(Object.keys(it).length)`
        : `import 'reflect-metadata'; import * as it from '${specifier}'; console.log(Object.keys(it).length)`;
      expect(Number(run(source)), specifier).toBeGreaterThan(0);
    }
  });

  it('brings commands that run', () => {
    for (const name of Object.keys(manifest.bin)) {
      const help = npm(['exec', '--offline', '--', name, '--help'], project.directory);
      expect(help, name).toContain(`Usage: ${name}`);
    }
    const version = npm(['exec', '--offline', '--', 'dispatcher', '--version'], project.directory);
    expect(version.trim()).toBe(manifest.version);
  });

  it('carries a whole host application, checked by its own types', async () => {
    await project.compile(EXAMPLE);
    const host = await project.start({ PORT: '0', DISPATCHER_PORT: '0' });
    const client = await PlainClient.loggedIn(host.address('ws'));
    expect(await client.result('stock.count', 'bolt')).toBe(40);
    await client.close();
    expect(await host.stop()).toBe(0);
  });

  it('runs a plugin that is a file of the project', async () => {
    await mkdir(join(project.directory, 'plugins'));
    await writeFile(
      join(project.directory, 'plugins/hello.ts'),
      /```ts\n([\s\S]*?)```/.exec(await readFile(join(ROOT, 'README.md'), 'utf8'))?.[1] ?? '',
    );
    const answer = run(`
      import 'reflect-metadata';
      import { NestFactory } from '@nestjs/core';
      import { Dispatcher } from 'dispatcher';
      import { DispatcherModule, DispatcherServer } from 'dispatcher/server';
      const configuration = { dispatcher: {
        'websocket-port': 0, frontend: false, 'shipped-plugins': false, 'plugin-dirs': ['plugins'] } };
      const module = DispatcherModule.forRoot({ configuration, stateDirectory: 'plugin-state' });
      const app = await NestFactory.createApplicationContext(module, { logger: false });
      console.log(await app.get(Dispatcher).callSync('hello.greet', 'project'));
      await app.close();
    `);
    expect(answer).toBe('Hello, project!\n');
  });
});
