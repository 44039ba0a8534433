import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

const body = (name: string) => `
@provider('${name}') export class P extends Provider {
  @description('Says who it is') @accepts() @returns(String) name() { return '${name}'; }
}
@Plugin({ providers: [P] }) export default class {}
`;
const IMPORT = `import { accepts, description, Plugin, Provider, provider, returns } from 'dispatcher';`;
const REQUIRE = `const { accepts, description, Plugin, Provider, provider, returns } = require('dispatcher');`;
/** Decorators by hand: what a compiler makes of them. */
const compiled = (name: string) => `
class P extends Provider { name() { return '${name}'; } }
for (const decorate of [description('Says who it is'), accepts(), returns(String)]) {
  decorate(P.prototype, 'name', Object.getOwnPropertyDescriptor(P.prototype, 'name'));
}
provider('${name}')(P);
class Main {}
Plugin({ providers: [P] })(Main);
`;

/** Records the order of everything that happens to plugins, across all of them. */
const witness = (name: string, depends: readonly string[], file: string) => `
import { Plugin } from 'dispatcher';
import { appendFileSync } from 'node:fs';
const note = (what: string) => appendFileSync(${JSON.stringify(file)}, '${name} ' + what + '\\n');
@Plugin({ depends: ${JSON.stringify(depends)}, metadata: { type: '${name}' } })
export default class {
  async init(context: any) {
    await new Promise((resolve) => setImmediate(resolve));
    note('init ' + context.name + ' ' + context.metadata.type);
  }
  async cleanup() { await null; note('cleanup'); }
}
`;

const failing = (decorator: string, members: string) => `
import { Plugin } from 'dispatcher';
@Plugin(${decorator}) export default class { ${members} }
`;

let server: PluginServer;
let client: PlainClient;

interface Row {
  readonly name: string;
  readonly state: string;
  readonly stage?: string;
  readonly error?: string;
  readonly depends: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly directory: string;
}

beforeAll(async () => {
  server = await PluginServer.start({
    'ts-file.ts': IMPORT + body('ts-file'),
    'ts-folder/index.ts': IMPORT + body('ts-folder'),
    'esm-file.js': IMPORT + compiled('esm-file') + 'export default Main;',
    'cjs-folder/index.js': REQUIRE + compiled('cjs-folder') + 'module.exports = Main;',
    'cjs-default.js': REQUIRE + compiled('cjs-default') + 'exports.default = Main;',
    'helpers/index.ts': `import { name } from './name.js';\n${IMPORT}\n${body('helpers').replace(`return 'helpers'`, 'return name')}`,
    'helpers/name.ts': `export const name: string = 'helpers';`,
    'same-copies.ts': `
      import * as sdk from 'dispatcher'; import { Injectable } from '@nestjs/common'; import { ModuleRef } from '@nestjs/core';
      import { IsString } from 'class-validator'; import { Type } from 'class-transformer'; import { of } from 'rxjs'; import 'reflect-metadata';
      @Injectable() class Helper { constructor(readonly ref: ModuleRef) {} text() { return [IsString, Type, of].map((f) => typeof f).join(); } }
      @sdk.provider('copies') export class P extends sdk.Provider {
        constructor(private readonly helper: Helper) { super(); }
        @sdk.accepts() @sdk.returns(sdk.h.any()) tell() { return [this.helper.text(), this.helper === this.helper.ref.get(Helper)]; }
      }
      @sdk.Plugin({ providers: [P, Helper] }) export default class {}`,
    'bad-syntax.ts': 'export default class {\n  broken(\n',
    'bad-import.ts': `import './not-there.js';\n${failing('{}', '')}`,
    'bad-export.ts': 'export const x = 1;',
    'bad-class.ts': 'export default class {}',
    'bad-constructor.ts': failing(
      '{}',
      `constructor() { throw new Error('constructor refused'); }`,
    ),
    'bad-init.ts': failing('{}', `async init() { throw new Error('init refused'); }`),
    'bad-depends.ts': failing(`{ depends: ['nowhere'] }`, ''),
    'cycle-a.ts': failing(`{ depends: ['cycle-b'] }`, ''),
    'cycle-b.ts': failing(`{ depends: ['cycle-a'] }`, ''),
    'bad-name.ts': IMPORT + body('ts-file'),
    'dependent.ts': failing(`{ depends: ['bad-init'], metadata: { type: 'none' } }`, ''),
    'dependent-of-dependent.ts': failing(`{ depends: ['dependent'] }`, ''),
    'node_modules/ignored/index.js': 'throw new Error("no plugin")',
    '.hidden.ts': 'throw new Error("no plugin")',
    'types.d.ts': 'throw new Error("no plugin")',
    'README.md': 'no plugin',
  });
  client = await server.admin();
});
afterAll(() => server.stop());

const rows = () => client.result<Row[]>('management.get_plugins');

describe('a plugin', () => {
  it.each(['ts-file', 'ts-folder', 'esm-file', 'cjs-folder', 'cjs-default', 'helpers'])(
    'may be written as %s',
    async (name) => {
      expect(await client.result(`${name}.name`)).toBe(name);
    },
  );

  it('gets the server’s own copies of Nest and the other shared packages, and injection', async () => {
    expect(await client.result('copies.tell')).toEqual(['function,function,function', true]);
  });

  it('is whatever has the form of one; other files are left alone', async () => {
    const names = (await rows()).map(({ name }) => name);
    expect(names).not.toEqual(expect.arrayContaining(['node_modules']));
    expect(names.filter((name) => /hidden|types|README|ignored/.test(name))).toEqual([]);
  });
});

describe('a plugin that fails', () => {
  it.each<[string, string, RegExp]>([
    ['bad-syntax', 'load', /bad-syntax\.ts:\d+/],
    ['bad-import', 'load', /not-there/],
    ['bad-export', 'load', /default/],
    ['bad-class', 'load', /Plugin/],
    ['bad-constructor', 'construct', /constructor refused/],
    ['bad-init', 'init', /init refused/],
    ['bad-depends', 'dependencies', /nowhere/],
    ['cycle-a', 'dependencies', /cycle-a.*cycle-b|cycle-b.*cycle-a/],
    ['cycle-b', 'dependencies', /cycle-a.*cycle-b|cycle-b.*cycle-a/],
  ])('is listed and logged with stage and cause: %s', async (name, stage, error) => {
    const row = (await rows()).find((plugin) => plugin.name === name);
    expect(row).toMatchObject({ state: expect.stringMatching(/failed|skipped/) as string, stage });
    expect(row?.error).toMatch(error);
    expect(row?.error).not.toMatch(/\n {4}at /);
    const line = server.process.log.find((entry) => entry.includes(name) && error.test(entry));
    expect(line).toContain(stage);
  });

  it('leaves its dependents skipped, and those of them', async () => {
    const skipped = (await rows()).filter(({ name }) => name.startsWith('dependent'));
    expect(skipped.map(({ name, state }) => [name, state])).toEqual([
      ['dependent', 'skipped'],
      ['dependent-of-dependent', 'skipped'],
    ]);
  });

  it('that takes the service of another is the one that fails, whichever loads first', async () => {
    const both = (await rows()).filter(({ name }) => ['ts-file', 'bad-name'].includes(name));
    expect(both.map(({ state }) => state).sort()).toEqual(['failed', 'loaded']);
    expect(both.find(({ state }) => state === 'failed')?.error).toContain('ts-file');
    expect(await client.result('ts-file.name')).toBe('ts-file');
  });

  it('is announced by an event at every attempt', async () => {
    client.send('events', 'subscribe', null, ['server.plugin.*']);
    const reply = await client.call('management.reload_plugins', ['bad-init']);
    expect(reply.args).toMatchObject({
      message: expect.stringContaining('init refused') as string,
    });
    const event = await client.find(({ args }) => JSON.stringify(args).includes('load_error'));
    expect(event.args).toMatchObject({ name: 'server.plugin.load_error' });
    expect(JSON.stringify(event.args)).toContain('bad-init');
    client.send('events', 'unsubscribe', null, ['server.plugin.*']);
  });
});

describe('the order of loading', () => {
  it('is that of dependencies, then of names; cleanup goes the other way, at the exit too', async () => {
    const first = await PluginServer.start({});
    const notes = join(first.process.directory, 'notes');
    const list: [string, string[]][] = [
      ['a', ['z']],
      ['b', []],
      ['c', ['a', 'm']],
      ['m', []],
      ['z', []],
    ];
    await first.write(
      Object.fromEntries(
        list.map(([name, depends]) => [`${name}.ts`, witness(name, depends, notes)]),
      ),
    );
    const admin = await first.admin();
    await admin.result('management.reload_plugins');
    const seen = async () => (await readFile(notes, 'utf8')).trim().split('\n');
    expect(await seen()).toEqual(
      ['b', 'm', 'z', 'a', 'c'].map((name) => `${name} init ${name} ${name}`),
    );
    await admin.close();
    first.process.child.kill('SIGTERM');
    await expect.poll(async () => (await seen()).length).toBe(10);
    const cleaned = (await seen()).slice(5).map((line) => line.split(' ')[0]!);
    expect(cleaned.indexOf('c')).toBeLessThan(cleaned.indexOf('a'));
    expect(cleaned.indexOf('a')).toBeLessThan(cleaned.indexOf('z'));
    expect(cleaned.indexOf('c')).toBeLessThan(cleaned.indexOf('m'));
    await first.stop();
  });
});

describe('the plugin directories', () => {
  it('may be missing, may be named twice, and do not take a name that is taken', async () => {
    const second = await PluginServer.start(
      { 'one/system/index.ts': failing('{}', ''), 'two/mine.ts': IMPORT + body('mine') },
      { dispatcher: {} },
    );
    const directories = ['one', 'two', 'two', 'missing'].map((name) => join(second.plugins, name));
    const third = await PluginServer.start({}, { dispatcher: { 'plugin-dirs': directories } });
    const admin = await third.admin();
    const found = await admin.result<Row[]>('management.get_plugins');
    const named = (name: string) =>
      found.filter((row) => row.name === name).map(({ state }) => state);
    expect(named('mine')).toEqual(['loaded']);
    expect(named('system').sort()).toEqual(['failed', 'loaded']);
    expect(await admin.result('mine.name')).toBe('mine');
    expect((await admin.call('system.info')).name).toBe('response');
    const warning = third.process.log.find((line) => line.includes('missing'));
    expect(warning).toContain('"warn"');
    await third.stop();
    await second.stop();
  });

  it('are all there is when the shipped plugins are turned off', async () => {
    const alone = await PluginServer.start(
      { 'only.ts': IMPORT + body('only') },
      { dispatcher: { 'shipped-plugins': false } },
    );
    const admin = await alone.admin();
    expect(await admin.result('management.get_plugin_names')).toEqual(['only']);
    await alone.stop();
  });
});
