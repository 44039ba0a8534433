import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bad, FAILURES } from './bad-plugins.js';
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
