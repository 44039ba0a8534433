import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostHarness } from './host.harness.js';

const GOOD = `
import { description, Plugin, provider, Provider } from 'dispatcher';
@provider('good') class Good extends Provider {
  @description('Says yes') yes() { return 'yes'; }
}
@Plugin({ providers: [Good] }) export default class GoodPlugin {}
`;

const DEPENDENT = `
import { Plugin } from 'dispatcher';
@Plugin({ depends: ['bad'] }) export default class DependentPlugin {}
`;

/** A plugin in which `body` stands in its class and `options` in its decorator. */
const bad = (options: string, body = ''): string => `
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

interface Failure {
  readonly what: string;
  readonly source: string;
  readonly stage: string;
  readonly error: RegExp;
}

const FAILURES: readonly Failure[] = [
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

describe('A plugin that fails', () => {
  let harness: HostHarness;

  beforeEach(() => {
    harness = new HostHarness({ initTimeoutMs: 200 });
    harness.write('agood/index.ts', GOOD);
    harness.write('dependent.ts', DEPENDENT);
  });
  afterEach(() => harness.dispose());

  it.each(FAILURES)('is named with stage and cause: $what', async ({ source, stage, error }) => {
    harness.write('bad/index.ts', source);
    await harness.host.start();
    const rows = new Map(harness.host.list().map((row) => [row.name, row]));
    expect(rows.get('bad')).toMatchObject({ state: 'failed', stage });
    expect(rows.get('bad')?.error).toMatch(error);
    const reported = harness.eventsNamed('server.plugin.load_error');
    expect(reported.find(({ name }) => name === 'bad')).toMatchObject({
      stage,
      message: rows.get('bad')?.error,
    });
    expect(harness.log.filter((line) => line.startsWith('error bad'))).toHaveLength(1);
  });

  it.each(FAILURES)('leaves nothing behind and the others running: $what', async ({ source }) => {
    harness.write('bad/index.ts', source);
    await harness.host.start();
    expect(await harness.call('good.yes')).toBe('yes');
    expect(harness.registered()).toEqual({
      services: ['good'],
      schemas: [],
      eventTypes: [],
      eventSources: [],
      tasks: [],
    });
    expect(harness.states().filter((state) => state.endsWith('loaded'))).toEqual(['agood: loaded']);
  });

  it('makes those that depend on it skipped, also through others', async () => {
    harness.write('bad/index.ts', bad('', `init() { throw new Error('no'); }`));
    harness.write('last.ts', DEPENDENT.replace(`'bad'`, `'dependent'`));
    await harness.host.start();
    expect(harness.states().slice(2)).toEqual([
      'dependent: skipped at dependencies: depends on bad, which failed at stage init',
      'last: skipped at dependencies: depends on dependent, which was skipped',
    ]);
    expect(harness.eventsNamed('server.plugin.load_error').map(({ name }) => name)).toEqual([
      'bad',
      'dependent',
      'last',
    ]);
  });

  it('rejects a reload with its stage and cause after the others were reloaded', async () => {
    harness.write('bad/index.ts', bad(''));
    await harness.host.start();
    harness.write('bad/index.ts', bad('', `init() { throw new Error('worse'); }`));
    harness.write('agood/index.ts', GOOD.replace(`'yes';`, `'still';`));
    await expect(harness.host.reload()).rejects.toMatchObject({
      message: expect.stringMatching(/^Plugin bad failed at stage init: worse/) as string,
    });
    expect(await harness.call('good.yes')).toBe('still');
    harness.write('bad/index.ts', bad(''));
    await harness.host.reload(['bad']);
    expect(harness.states()).toEqual(['agood: loaded', 'bad: loaded', 'dependent: loaded']);
  });

  it('closes what its other classes opened in their hooks', async () => {
    const source = bad(`providers: [Opener, HookThrows]`);
    harness.write('bad/index.ts', source);
    await harness.host.start();
    expect(Reflect.get(globalThis, 'openerClosed')).toBe(true);
    Reflect.deleteProperty(globalThis, 'openerClosed');
  });

  it('is reported with stage discovery when its name is taken, and the first one runs', async () => {
    harness.write('agood.ts', 'export default class {}');
    await harness.host.start();
    expect(harness.states().slice(0, 2)).toEqual([
      expect.stringMatching(
        /^agood: failed at discovery: the name is already taken by .*agood\/index\.ts$/,
      ),
      'agood: loaded',
    ]);
    expect(harness.eventsNamed('server.plugin.load_error')[0]).toMatchObject({
      name: 'agood',
      stage: 'discovery',
    });
  });
});
