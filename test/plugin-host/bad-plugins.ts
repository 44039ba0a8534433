/** A plugin in which `body` stands in its class and `options` in its decorator. */
export const bad = (options: string, body = ''): string => `
import { accepts, description, Dispatcher, h, Plugin, provider, Provider, task, Task } from 'dispatcher';
import { Injectable, Inject } from '@nestjs/common';
@Injectable() class Opener { static closed = 0; onModuleDestroy() { globalThis.openerClosed = true; } }
@provider('good') class Thief extends Provider { @description('x') yes() {} }
@provider('bad') class BadProvider extends Provider {
  @accepts({ type: 'nonsense' }) broken(x: unknown) { return x; }
}
@Injectable() class NeedsNobody { constructor(@Inject('nobody') readonly x: unknown) {} }
@Injectable() class Throws { constructor() { throw new Error('constructor refused'); } }
@Injectable() class HookThrows { onModuleInit() { throw new Error('hook refused'); } }
@Plugin({ ${options} }) export default class BadPlugin { ${body} }
`;

export interface Failure {
  readonly what: string;
  readonly source: string;
  readonly stage: string;
  readonly error: RegExp;
}

export const FAILURES: readonly Failure[] = [
  {
    what: 'a syntax error',
    source: `import { Plugin } from 'dispatcher';\nconst x = ;\n`,
    stage: 'load',
    error: /^Expression expected \(index\.ts:2:11\)$/,
  },
  {
    what: 'an error that only the engine finds',
    source: `let a = 1;\nlet a = 2;\nexport default a;\n`,
    stage: 'load',
    error: /^Identifier 'a' has already been declared \(index\.ts:2:\d+\)$/,
  },
  {
    what: 'code that throws',
    source: `const a: number = 1;\n\nfunction f(): never {\n  throw new Error('no ' + a);\n}\nf();\n`,
    stage: 'load',
    error: /^no 1 \(index\.ts:4:9\)$/,
  },
  {
    what: 'CommonJS that throws on its first line',
    source: `throw new TypeError('at once');`,
    stage: 'load',
    error: /^at once \(index\.ts:1:7\)$/,
  },
  {
    what: 'an import that is not there',
    source: `import './missing.js';\nimport { Plugin } from 'dispatcher';\n@Plugin() export default class A {}`,
    stage: 'load',
    error: /^Cannot find \.\/missing\.js, imported by index\.ts/,
  },
  {
    what: 'a package that is not there',
    source: `import 'no-such-package-at-all';\nexport default class A {}`,
    stage: 'load',
    error: /^Cannot find package no-such-package-at-all, imported by/,
  },
  {
    what: 'no default export',
    source: `export const a = 1;`,
    stage: 'load',
    error: /^the file has no class as its default export$/,
  },
  {
    what: 'a class without @Plugin',
    source: `export default class Plain {}`,
    stage: 'load',
    error: /^the default export Plain is not decorated with @Plugin$/,
  },
  {
    what: 'a dependency that is not there',
    source: bad(`depends: ['nowhere']`),
    stage: 'dependencies',
    error: /^depends on nowhere, which is not installed$/,
  },
  {
    what: 'a dependency on itself through another',
    source: bad(`depends: ['dependent']`),
    stage: 'dependencies',
    error: /^depends on itself: bad -> dependent -> bad$/,
  },
  {
    what: 'something to inject that nobody provides',
    source: bad(`providers: [NeedsNobody]`),
    stage: 'construct',
    error: /^Nest can't resolve dependencies of the NeedsNobody/,
  },
  {
    what: 'a throwing constructor',
    source: bad(`providers: [Throws]`),
    stage: 'construct',
    error: /^constructor refused \(index\.ts:\d+:\d+\)$/,
  },
  {
    what: 'a throwing hook of Nest',
    source: bad(`providers: [HookThrows]`),
    stage: 'construct',
    error: /^hook refused \(index\.ts:\d+:\d+\)$/,
  },
  {
    what: 'an invalid schema',
    source: bad(`providers: [BadProvider]`),
    stage: 'register',
    error: /^Method bad\.broken: Invalid schema at type: /,
  },
  {
    what: 'a service name that is taken',
    source: bad(`providers: [Thief], depends: ['agood']`),
    stage: 'register',
    error: /^Service good is already offered by agood/,
  },
  {
    what: 'a throwing init',
    source: bad(``, `init() {\n\n throw new Error('init refused'); }`),
    stage: 'init',
    error: /^init refused \(index\.ts:\d+:\d+\)$/,
  },
  {
    what: 'a rejecting init',
    source: bad(``, `async init() { await null; throw new Error('init refused'); }`),
    stage: 'init',
    error: /^init refused \(index\.ts:\d+:\d+\)$/,
  },
  {
    what: 'an init without an end',
    source: bad(``, `init() { return new Promise(() => {}); }`),
    stage: 'init',
    error: /^init did not finish within 0\.2 s$/,
  },
];
