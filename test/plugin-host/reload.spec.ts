import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostHarness } from './host.harness.js';

const counter = (body: string, options = ''): string => `
import { description, Plugin, provider, Provider } from 'dispatcher';
import { label } from './counter/label.js';
@provider('counter') class Counter extends Provider {
  @description('Tells') tell() { return label + ${body}; }
}
@Plugin({ providers: [Counter] ${options} }) export default class CounterPlugin {}
`;

/** Asks the counter in its own init and remembers the answer. */
const READER = `
import { description, Dispatcher, Plugin, provider, Provider } from 'dispatcher';
@provider('reader') class Reader extends Provider {
  remembered: unknown;
  @description('What the counter said') get() { return this.remembered; }
}
@Plugin({ depends: ['counter'], providers: [Reader] }) export default class ReaderPlugin {
  constructor(readonly dispatcher: Dispatcher, readonly reader: Reader) {}
  async init() { this.reader.remembered = await this.dispatcher.callSync('counter.tell'); }
}
`;

describe('Reloading', () => {
  let harness: HostHarness;

  beforeEach(async () => {
    harness = new HostHarness({ drainTimeoutMs: 5_000 });
    harness.write('counter.ts', counter('1'));
    harness.write('counter/label.ts', `export const label: string = 'v';`);
    harness.write('reader/index.ts', READER);
    await harness.host.start();
  });
  afterEach(() => harness.dispose());

  it('reads the code again, also of the files it imports', async () => {
    expect(await harness.call('counter.tell')).toBe('v1');
    harness.write('counter.ts', counter('2'));
    harness.write('counter/label.ts', `export const label: string = 'version ';`);
    await harness.host.reload(['counter']);
    expect(await harness.call('counter.tell')).toBe('version 2');
  });

  it('takes along those that depend on it', async () => {
    harness.write('counter.ts', counter('2'));
    await harness.host.reload(['counter']);
    expect(await harness.call('reader.get')).toBe('v2');
  });

  it('leaves alone those that do not', async () => {
    await harness.host.reload(['reader']);
    const initialized = harness.eventsNamed('server.plugin.initialized').map(({ name }) => name);
    expect(initialized).toEqual(['counter', 'reader', 'reader']);
  });

  it('without names picks up what is new and unloads what is gone', async () => {
    harness.write(
      'fresh.js',
      `const { Plugin } = require('dispatcher');
      class Fresh {}
      Plugin({ depends: ['counter'] })(Fresh);
      module.exports = Fresh;`,
    );
    harness.remove('reader');
    await harness.host.reload();
    expect(harness.states()).toEqual(['counter: loaded', 'fresh: loaded', 'reader: unloaded']);
    expect(harness.services.get('reader')).toBeUndefined();
  });

  it('makes dependents of a vanished plugin fail and brings them back with it', async () => {
    harness.remove('counter.ts');
    await expect(harness.host.reload()).rejects.toThrow(/reader failed at stage dependencies/);
    expect(harness.states()).toEqual([
      'counter: unloaded',
      'reader: failed at dependencies: depends on counter, which is not installed',
    ]);
    harness.write('counter.ts', counter('3'));
    await harness.host.reload(['counter']);
    expect(await harness.call('reader.get')).toBe('v3');
  });

  it('loads a plugin by name that is new on the disk', async () => {
    harness.write('fresh.ts', counter('9').replace(`'counter'`, `'fresh'`));
    await harness.host.reload(['fresh']);
    expect(await harness.call('fresh.tell')).toBe('v9');
  });

  it('refuses a name that nobody knows before it touches anything', async () => {
    await expect(harness.host.reload(['counter', 'nobody'])).rejects.toThrow(
      'Plugin nobody not found',
    );
    expect(harness.eventsNamed('server.plugin.initialized')).toHaveLength(2);
  });

  it('does one thing at a time', async () => {
    const all = [harness.host.reload(), harness.host.reload(['reader']), harness.host.reload()];
    await Promise.all(all);
    expect(harness.eventsNamed('server.plugin.initialized')).toHaveLength(2 + 2 + 1 + 2);
    expect(harness.log).toEqual([]);
  });

  it('follows a plugin from one file form to the other', async () => {
    harness.remove('counter.ts');
    harness.write('counter/index.ts', counter('7').replace('./counter/', './'));
    await harness.host.reload(['counter']);
    expect(await harness.call('counter.tell')).toBe('v7');
  });

  it('loads in the order of a cycle that is gone', async () => {
    harness.write('counter.ts', counter('1', `, depends: ['reader']`));
    await expect(harness.host.reload(['counter'])).rejects.toThrow(
      'depends on itself: counter -> reader -> counter',
    );
    harness.write('counter.ts', counter('4'));
    await harness.host.reload(['counter']);
    expect(await harness.call('reader.get')).toBe('v4');
  });
});

describe('Stopping', () => {
  it('cleans up dependents first and refuses to load afterwards', async () => {
    const harness = new HostHarness();
    const plugin = (depends: string): string => `
      import { Dispatcher, Plugin } from 'dispatcher';
      @Plugin({ depends: [${depends}] }) export default class P {
        constructor(readonly dispatcher: Dispatcher) {}
        init({ name }) { this.name = name; }
        cleanup() { this.dispatcher.emitEvent('test.cleanup', { plugin: this.name }); }
      }`;
    harness.write('a.ts', plugin(''));
    harness.write('b.ts', plugin(`'a'`));
    harness.write('c.ts', plugin(`'b'`));
    await harness.host.start();
    await harness.host.stop();
    expect(harness.eventsNamed('test.cleanup').map(({ plugin: name }) => name)).toEqual([
      'c',
      'b',
      'a',
    ]);
    expect(harness.states()).toEqual(['a: unloaded', 'b: unloaded', 'c: unloaded']);
    await expect(harness.host.reload()).rejects.toThrow('The plugin host is stopped');
    await harness.dispose();
  });

  it('does not wait for reloads that have not begun', async () => {
    const harness = new HostHarness();
    harness.write(
      'a.ts',
      `import { Plugin } from 'dispatcher'; @Plugin() export default class A {}`,
    );
    await harness.host.start();
    const waiting = Array.from({ length: 50 }, () => harness.host.reload());
    const outcomes = Promise.allSettled(waiting);
    await harness.host.stop();
    const refused = (await outcomes).filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(50);
    await harness.dispose();
  });
});
