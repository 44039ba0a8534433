import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bad, FAILURES } from './bad-plugins.js';
import { HostHarness } from './host.harness.js';

/** Uses all that a generation can have, and registers by hand in the constructor, in a hook and in init. */
const WORKING = `
import { accepts, description, Dispatcher, EventSource, eventSource, h, Plugin, provider, Provider, returns, Task, task } from 'dispatcher';
import { IsString } from 'class-validator';
export class Thing { @IsString() name!: string; }
@provider('bad') export class Works extends Provider {
  life = Math.random();
  @description('Which life this is') lifeOf() { return this.life; }
  @accepts(Thing) @returns(String) nameOf(thing: Thing) { return thing.name; }
}
@task('bad.task') @description('t') @accepts(Thing) export class T extends Task { verify() { return []; } run() {} }
@eventSource('bad.source') export class S extends EventSource {
  run(signal: AbortSignal) { return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())); }
}
@Plugin({ schemas: [Thing], providers: [Works, T, S] }) export default class BadPlugin {
  constructor(private readonly dispatcher: Dispatcher) {
    dispatcher.registerEventType('bad.early');
    dispatcher.registerEventHandler('poke', () => dispatcher.emitEvent('poked', {}));
  }
  async onModuleInit() {
    this.dispatcher.registerSchemaDefinition('EarlyThing', h.object({ a: h.ref('Thing') }));
    await this.dispatcher.registerResource('disk:early', { parents: ['system'] });
  }
  async init() { this.dispatcher.registerEventType('bad.late'); }
}
`;

const DEPENDENT = `
import { description, Plugin, provider, Provider } from 'dispatcher';
@provider('dependent') export class D extends Provider { @description('d') ping() { return 'pong'; } }
@Plugin({ depends: ['bad'], providers: [D] }) export default class DependentPlugin {}
`;

/** The same plugin under other names. */
const another = (source: string): string =>
  source.replaceAll(/\bbad\b/g, 'good').replaceAll(/Thing|early/g, 'Other$&');

/** Up to here the new generation stands beside the old one, which is not even restarted. */
const BESIDE = new Set(['load', 'dependencies', 'construct']);

describe('Reloading a plugin that works', () => {
  let harness: HostHarness;

  beforeEach(async () => {
    harness = new HostHarness({ initTimeoutMs: 200 });
    harness.write('agood/index.ts', another(WORKING));
    harness.write('bad/index.ts', WORKING);
    harness.write('dependent.ts', DEPENDENT);
    await harness.host.start();
  });
  afterEach(() => harness.dispose());

  const row = (name: string) => harness.host.list().find((each) => each.name === name);

  it.each(FAILURES)('goes on with its code when the new one has $what', async (failure) => {
    const before = harness.registered();
    const life = await harness.call('bad.life_of');
    harness.write('bad/index.ts', failure.source);
    await expect(harness.host.reload(['bad'])).rejects.toThrow(
      `Plugin bad failed at stage ${failure.stage}: `,
    );

    expect(harness.registered()).toEqual(before);
    expect(await harness.call('bad.name_of', { name: 'x' })).toBe('x');
    await expect(harness.call('bad.name_of', { name: 1 })).rejects.toThrow('schema verification');
    expect(await harness.call('dependent.ping')).toBe('pong');
    expect((await harness.call('bad.life_of')) === life).toBe(BESIDE.has(failure.stage));
    expect(row('bad')).toMatchObject({ state: 'loaded', stage: failure.stage });
    expect(row('bad')?.error).toMatch(failure.error);
    expect(row('dependent')).toMatchObject({ state: 'loaded' });
    expect(harness.resources.find('disk:early')).toBeDefined();
    expect(harness.log.filter((line) => line.startsWith('error bad'))).toEqual([
      expect.stringMatching(/\. The code that ran before goes on(: |$)/),
    ]);

    harness.write('bad/index.ts', WORKING);
    await harness.host.reload(['bad']);
    expect(row('bad')).not.toHaveProperty('error');
    expect(harness.registered()).toEqual(before);
    expect(await harness.call('bad.life_of')).not.toBe(life);
  });

  it('that registers in its constructor and in hooks does so once the old one has gone', async () => {
    for (let round = 0; round < 3; round += 1) await harness.host.reload(['bad']);
    harness.events.publishForeign('poke', {});
    expect(harness.eventsNamed('poked')).toHaveLength(2); // one for each of the two plugins
    expect(harness.log).toEqual([]);
  });

  it('of all leaves those with mistakes at work and renews the others', async () => {
    const lives = [await harness.call('bad.life_of'), await harness.call('good.life_of')];
    harness.write('bad/index.ts', 'syntax error');
    await expect(harness.host.reload()).rejects.toThrow('Plugin bad failed at stage load');
    expect(await harness.call('bad.life_of')).toBe(lives[0]);
    expect(await harness.call('good.life_of')).not.toBe(lives[1]);
    expect(await harness.call('dependent.ping')).toBe('pong');
  });

  it('takes along a dependent whose own files are bad, on the code that it had', async () => {
    harness.write('dependent.ts', 'syntax error');
    await expect(harness.host.reload(['bad'])).rejects.toThrow(
      'Plugin dependent failed at stage load',
    );
    expect(await harness.call('dependent.ping')).toBe('pong');
    expect(row('bad')).not.toHaveProperty('error');
    expect(row('dependent')).toMatchObject({ state: 'loaded', stage: 'load' });
    await expect(harness.host.reload(['bad'])).rejects.toThrow('dependent');
    expect(await harness.call('dependent.ping')).toBe('pong');
    harness.write('dependent.ts', DEPENDENT.replace('pong', 'pang'));
    await harness.host.reload(['bad']);
    expect(await harness.call('dependent.ping')).toBe('pang');
  });

  it('constructs a dependent when what it depends on is new, too', async () => {
    harness.write('bad/index.ts', WORKING.replace('lifeOf()', 'lifeOf2()'));
    harness.write(
      'dependent.ts',
      DEPENDENT.replace('description, Plugin', 'description, Dispatcher, Plugin').replace(
        'class DependentPlugin {}',
        `class DependentPlugin {
          constructor(readonly dispatcher: Dispatcher) {}
          async onModuleInit() { await this.dispatcher.callSync('bad.life_of2'); }
        }`,
      ),
    );
    await harness.host.reload();
    expect(row('dependent')).toMatchObject({ state: 'loaded' });
    expect(row('dependent')).not.toHaveProperty('error');
  });

  it('counts no failure twice, and keeps no half-made generation', async () => {
    for (let round = 0; round < 20; round += 1) {
      harness.write('bad/index.ts', bad('providers: [Opener, Throws]'));
      await harness.host.reload(['bad']).catch(() => undefined);
    }
    expect(await harness.call('bad.name_of', { name: 'x' })).toBe('x');
    expect(harness.eventsNamed('server.plugin.load_error')).toHaveLength(20);
    expect(harness.eventsNamed('server.plugin.initialized')).toHaveLength(3);
  });
});
