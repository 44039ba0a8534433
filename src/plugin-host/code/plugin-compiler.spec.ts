import { describe, expect, it } from 'vitest';
import { compilePluginSource } from './plugin-compiler.js';

describe('compilePluginSource', () => {
  it('keeps the metadata that dependency injection reads', () => {
    const code = compilePluginSource(
      `import { Dispatcher } from 'dispatcher';
       const mark = (type: unknown) => type;
       @mark export default class Mine { constructor(readonly d: Dispatcher) {} }`,
      '/p/index.ts',
    );
    expect(code).toContain('design:paramtypes');
    expect(code).toContain('_dispatcher.Dispatcher');
    expect(code).toContain('class Mine');
  });

  it('leaves CommonJS as it is and tolerates a shebang', () => {
    const code = compilePluginSource(
      `#!/usr/bin/env node\nmodule.exports = require('./x');`,
      '/p/index.js',
    );
    expect(code).toContain(`module.exports = require('./x')`);
    expect(code).not.toContain('__esModule');
  });

  it('emits no parameter types for JavaScript, which has none', () => {
    const code = compilePluginSource(
      `const mark = (type) => type;
       @mark class A { constructor(x) { this.x = x; } }
       export default A;`,
      '/p/index.js',
    );
    expect(code).not.toContain('design:paramtypes');
  });

  it.each([
    ['on the first line', 'let x = ;', '1:9'],
    ['further down', 'const a = 1;\nclass A {\n  get() { return a +; }\n}\n', '3:21'],
    ['at the end of the file', 'class A {\n  foo( {\n}\n', '3:3'],
  ])('says file, line and column of a syntax error %s', (_, source, place) => {
    expect(() => compilePluginSource(source, '/p/index.ts')).toThrow(
      expect.objectContaining({
        name: 'SyntaxError',
        message: expect.stringMatching(
          new RegExp(`^[^\\n]+ \\(/p/index\\.ts:${place}\\)$`),
        ) as string,
      }),
    );
  });
});
