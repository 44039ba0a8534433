import { Injectable } from '@nestjs/common';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { classMetadataTargets } from '../../schema/index.js';
import * as sdk from '../../sdk/index.js';
import { PluginCode } from './plugin-code.js';

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'code-')));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(path: string, source: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, source);
}

function load(entry: string): Record<string, unknown> {
  return new PluginCode(join(root, entry)).load() as Record<string, unknown>;
}

describe('PluginCode', () => {
  it('hands out the server’s own copies of what both must share', () => {
    write(
      'index.ts',
      `import * as dispatcher from 'dispatcher';
       import { Injectable } from '@nestjs/common';
       import { IsString } from 'class-validator';
       import { plainToInstance } from 'class-transformer';
       import { Subject } from 'rxjs';
       import { map } from 'rxjs/operators';
       import 'reflect-metadata';
       export const shared = { Injectable, Plugin: dispatcher.Plugin };
       export const others = [IsString, plainToInstance, Subject, map].map((x) => typeof x);`,
    );
    const { shared, others } = load('index.ts');
    expect(shared).toEqual({ Injectable, Plugin: sdk.Plugin });
    expect(others).toEqual(['function', 'function', 'function', 'function']);
  });

  it.each([
    'process.exit(3)',
    'process.abort()',
    'process.kill(process.pid)',
    'process.kill(0, 9)',
  ])('goes on when a file calls %s, and the process is whole again afterwards', (call) => {
    const { exit, abort, kill } = process;
    write('index.ts', `import './inner';`);
    write('inner.ts', `${call};`);
    expect(() => load('index.ts')).toThrow('A plugin may not end the process');
    expect([process.exit, process.abort, process.kill]).toEqual([exit, abort, kill]);
  });

  it('finds files as TypeScript does: compiled names, no ending, folders, JSON, CommonJS', () => {
    write(
      'index.ts',
      `import { a } from './a.js';
       import { b } from './lib';
       import c from './c.cjs';
       import data from './data.json';
       import { up } from '../outside.js';
       export const all = [a, b, c.c, data.d, up];`,
    );
    write('a.ts', 'export const a: number = 1;');
    write('a.js', 'export const a = "stale";');
    write('lib/index.ts', 'export const b = 2;');
    write('c.cjs', 'module.exports = { c: 3 };');
    write('data.json', '{"d": 4}');
    writeFileSync(join(root, '..', 'outside.ts'), 'export const up = 5;');
    expect(load('index.ts')['all']).toEqual([1, 2, 3, 4, 5]);
    rmSync(join(root, '..', 'outside.ts'));
  });

  it('finds packages beside the plugin, ES modules and CommonJS, also by import()', async () => {
    write('node_modules/old/package.json', '{"name": "old"}');
    write('node_modules/old/index.js', 'exports.old = "cjs";');
    write('node_modules/modern/package.json', '{"name": "modern", "exports": "./m.mjs"}');
    write('node_modules/modern/m.mjs', 'export const modern = "esm"; export default "default";');
    write(
      'plugin/index.ts',
      `import { old } from 'old';
       import standard, { modern } from 'modern';
       import { readFileSync } from 'node:fs';
       export const all = [old, modern, standard, typeof readFileSync];
       export const late = async () => {
         const [{ part }, { modern }] = await Promise.all([import('./part.js'), import('modern')]);
         return [part, modern];
       };`,
    );
    write('plugin/part.ts', 'export const part = "late";');
    const { all, late } = load('plugin/index.ts');
    expect(all).toEqual(['cjs', 'esm', 'default', 'function']);
    expect(await (late as () => Promise<unknown>)()).toEqual(['late', 'esm']);
  });

  it('evaluates each file once, also when files import each other', () => {
    write(
      'index.js',
      `import { b } from './b.js'; export const a = 'a'; export const ab = () => b();`,
    );
    write('b.js', `import { a } from './index.js'; export const b = () => a + 'b';`);
    expect((load('index.js')['ab'] as () => string)()).toBe('ab');
  });

  it('reads everything again for the next generation', () => {
    write('index.ts', `export { value } from './value.js';`);
    write('value.ts', 'export const value = 1;');
    expect(load('index.ts')['value']).toBe(1);
    write('value.ts', 'export const value = 2;');
    expect(load('index.ts')['value']).toBe(2);
  });

  it('knows where in the sources an error was thrown', () => {
    write(
      'deep/thrower.ts',
      `interface Removed {\n  by: 'the compiler';\n}\n\nexport function fail(): never {\n  throw new Error('x');\n}\n`,
    );
    write('index.ts', `export { fail } from './deep/thrower.js';`);
    const code = new PluginCode(join(root, 'index.ts'));
    const { fail } = code.load() as { fail: () => void };
    let thrown: unknown;
    try {
      fail();
    } catch (error) {
      thrown = error;
    }
    expect(code.locate(thrown)).toBe('deep/thrower.ts:6:9');
    expect(code.locate(new Error('elsewhere'))).toBeNull();
    expect(code.locate('no error at all')).toBeNull();
  });

  it('leaves no class behind in class-validator and class-transformer', async () => {
    write(
      'index.ts',
      `import { IsInt, ValidateNested } from 'class-validator';
       import { Type } from 'class-transformer';
       class Inner { @IsInt() x!: number; }
       export class Outer { @ValidateNested() @Type(() => Inner) inner!: Inner; }
       export const late = () => import('./late.js');`,
    );
    write(
      'late.ts',
      `import { IsInt } from 'class-validator'; export class Late { @IsInt() x!: number; }`,
    );
    const before = classMetadataTargets();
    const code = new PluginCode(join(root, 'index.ts'));
    const { late } = code.load() as { late: () => Promise<unknown> };
    await late();
    const added = [...classMetadataTargets()].filter((target) => !before.has(target));
    expect(added.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Inner', 'Outer', 'Late']),
    );
    code.dispose();
    expect(classMetadataTargets()).toEqual(before);
  });

  it('offers require.resolve to CommonJS plugins', () => {
    write('index.js', `exports.path = require.resolve('./x'); exports.name = __filename;`);
    write('x.ts', '');
    expect(load('index.js')).toEqual({
      path: join(root, 'x.ts'),
      name: join(root, 'index.js'),
    });
  });
});
