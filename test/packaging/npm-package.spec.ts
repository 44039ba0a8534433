import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProject } from '../support/host-project.js';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const EXAMPLE = join(ROOT, 'examples/host-application');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}

/** What applications of Nest's put beside the dispatcher. */
const NEST_MODULES = [
  'schedule',
  'event-emitter',
  'config',
  'terminus',
  'cqrs',
  'mapped-types',
].map((name) => `@nestjs/${name}@12`);

const OWN_MODULES = `
import { Interval, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { PartialType } from '@nestjs/mapped-types';
import { IsString, getMetadataStorage } from 'class-validator';
import { accepts, h, Plugin, Provider, provider, returns, task, Task } from 'dispatcher';
class Share { @IsString() name!: string; }
class Change extends PartialType(Share) {}
@provider('own') export class Own extends Provider {
  constructor(private readonly registry: SchedulerRegistry) { super(); }
  #ticks = 0;
  @Interval('tick', 5) tick() { this.#ticks += 1; }
  @accepts() @returns(h.integer()) async ticks() {
    while (this.#ticks === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    return this.registry.getIntervals().length;
  }
  @accepts(Change) @returns(h.array(String)) rename(change: Change) { return Object.keys(change); }
}
@task('own.apart') @accepts(Change) export class Apart extends Task {
  constructor(private readonly registry: SchedulerRegistry) { super(); }
  verify() { return []; }
  run() { return this.registry.getIntervals().length; }
}
@Plugin({ imports: [ScheduleModule.forRoot()], providers: [Own, Apart] }) export default class {}
`;

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
  // npm 10 takes the optional peers of terminus for wanted ones, which contradict each other
  const quiet = ['--no-audit', '--no-fund', '--legacy-peer-deps'];
  const flags = ['--prefer-offline', '--ignore-scripts', ...quiet];
  npm(['install', ...flags, join(folder, packed.filename), ...NEST_MODULES], project.directory);
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
        'dist/src/cli/dispatcher-cli.js',
        'dist/cli/program.js',
        'docs/cli.md',
        'dist/plugins/system/index.js',
        'docs/plugins.md',
        'examples/nas/index.ts',
        'examples/host-application/main.ts',
      ]),
    );
    const tests = paths.filter((path) => /spec\.|^test|^bench|^dist\/bench|tsbuildinfo/.test(path));
    // of a plugin that is an example, and of one that is made of the template
    expect(tests.sort()).toEqual([
      'examples/nas/nas.spec.ts',
      'templates/plugin/__name__.spec.ts.template',
    ]);
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

  it('starts in an application full of modules that walk over its providers', () => {
    const answer = run(`
      import 'reflect-metadata';
      import { Module } from '@nestjs/common';
      import { NestFactory } from '@nestjs/core';
      import { ConfigModule } from '@nestjs/config';
      import { CqrsModule } from '@nestjs/cqrs';
      import { EventEmitterModule } from '@nestjs/event-emitter';
      import { ScheduleModule } from '@nestjs/schedule';
      import { TerminusModule } from '@nestjs/terminus';
      import { Dispatcher } from 'dispatcher';
      import { DispatcherModule } from 'dispatcher/server';
      const configuration = { dispatcher: {
        'websocket-port': 0, frontend: false, 'shipped-plugins': false } };
      for (const isGlobal of [false, true]) {
        const dispatcher = DispatcherModule.forRoot({ configuration, isGlobal, stateDirectory: 'state-' + isGlobal });
        class Host {}
        Module({ imports: [ScheduleModule.forRoot(), EventEmitterModule.forRoot(), ConfigModule.forRoot(),
          CqrsModule.forRoot(), TerminusModule, dispatcher] })(Host);
        const app = await NestFactory.create(Host, { logger: ['error'] });
        await app.init();
        console.log(await app.get(Dispatcher, { strict: false }).callSync('management.ping'));
        await app.close();
      }
    `);
    expect(answer).toBe('pong\npong\n');
  });

  it('lets a plugin bring Nest modules of its own, which get the copies of the server', async () => {
    const plugin = join(folder, 'plugins/own');
    await cp(join(project.directory, 'node_modules'), join(plugin, 'node_modules'), {
      recursive: true,
      filter: (path) => !/node_modules\/(?:dispatcher|@libsql|@swc)$/.test(path),
    });
    await writeFile(join(plugin, 'index.ts'), OWN_MODULES);
    const dispatcher = { 'plugin-dirs': [join(folder, 'plugins')], frontend: false };
    const server = await ServerProcess.start({ dispatcher });
    const client = await PlainClient.loggedIn(server.url);
    const plugins = await client.result<{ name: string }[]>('management.get_plugins');
    expect(plugins.find(({ name }) => name === 'own')).toMatchObject({ state: 'loaded' });
    expect(await client.result('own.ticks')).toBeGreaterThan(0);
    expect(await client.result('own.rename', { name: 'x' })).toEqual(['name']);
    expect(await client.call('own.rename', { name: 5 })).toMatchObject({ name: 'error' });
    expect(await client.result('own.rename', {})).toEqual([]);
    const id = await client.result('task.submit', 'own.apart', [{ name: 'y' }]);
    expect(await client.result('task.wait', id)).toMatchObject({ state: 'FINISHED', result: 1 });
    await client.result('management.reload_plugins', ['own']);
    expect(await client.result('own.ticks')).toBeGreaterThan(0);
    await client.close();
    await server.stop();
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
