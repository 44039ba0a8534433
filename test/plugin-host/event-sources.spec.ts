import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventSourceRow } from '../../src/wire/index.js';
import { HostHarness } from './host.harness.js';

interface Trace {
  said: string[];
  living: number;
  mostLiving: number;
}

const HEAD = `import { Dispatcher, EventSource, eventSource, Plugin } from 'dispatcher';
const trace = globalThis.trace;
class Base extends EventSource {
  async run(signal) {
    trace.living += 1;
    trace.mostLiving = Math.max(trace.mostLiving, trace.living);
    trace.said.push('run');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    trace.living -= 1;
    trace.said.push('end');
  }
  enable(event) { trace.said.push('+' + event); }
  disable(event) { trace.said.push('-' + event); }
}
`;

/** A plugin with the sources given by name, and `init` as given. */
const plugin = (sources: Record<string, string>, init = ''): string => {
  const names = Object.keys(sources);
  const classes = names.map(
    (name, index) =>
      `@eventSource('${name}') export class S${index} extends Base { ${sources[name] ?? ''} }`,
  );
  const providers = names.map((_, index) => `S${index}`).join(', ');
  return `${HEAD}${classes.join('\n')}
@Plugin({ providers: [${providers}] }) export default class P {
  constructor(readonly dispatcher: Dispatcher) {}
  async init() { const { dispatcher } = this; trace.said.push('init'); ${init} }
  cleanup() { trace.said.push('cleanup'); }
}`;
};

const noop = (): void => undefined;
let harness: HostHarness;
let trace: Trace;

beforeEach(() => {
  harness = new HostHarness();
  trace = { said: [], living: 0, mostLiving: 0 };
  (globalThis as { trace?: Trace }).trace = trace;
});
afterEach(async () => {
  await harness.dispose();
  delete (globalThis as { trace?: Trace }).trace;
});

const start = async (source: string): Promise<void> => {
  harness.write('disks.ts', source);
  await harness.host.start();
  expect(harness.states()).toEqual(['disks: loaded']);
};
const statusOf = (name: string): EventSourceRow | undefined =>
  harness.eventSources.get(name)?.status();
const sourceClasses = (): Record<string, string | null> =>
  Object.fromEntries(
    harness.eventTypes
      .entries()
      .map(([name, { source }]): [string, string | null] => [name, source]),
  );

describe('the event source of a plugin', () => {
  it('runs from after init until before cleanup, and hears of subscribers in between', async () => {
    harness.events.addHandler('disk.*', noop);
    await start(plugin({ 'disk.seen': '' }));
    await harness.host.stop();
    expect(trace.said).toEqual(['init', 'run', '+disk.seen', '-disk.seen', 'end', 'cleanup']);
  });

  it('does not run when init fails', async () => {
    harness.write('disks.ts', plugin({ 'disk.seen': '' }, `throw new Error('no');`));
    await harness.host.start();
    expect(trace.said).toEqual(['init']);
    expect(harness.eventSources.entries()).toEqual([]);
  });

  it('runs at once when it is registered later, and ends when it is taken back', async () => {
    await start(
      plugin({}, 'trace.dispatcher = dispatcher; trace.Late = class Late extends Base {};'),
    );
    const { dispatcher, Late } = trace as unknown as {
      dispatcher: {
        registerEventSource(name: string, type: unknown): Promise<void>;
        unregisterEventSource(name: string): Promise<void>;
      };
      Late: unknown;
    };
    await dispatcher.registerEventSource('late.seen', Late);
    expect(statusOf('late.seen')?.state).toBe('running');
    await dispatcher.unregisterEventSource('late.seen');
    expect(trace.said).toEqual(['init', 'run', 'end']);
    expect(sourceClasses()).toEqual({});
    await dispatcher.registerEventSource('late.seen', Late);
    expect(trace.living).toBe(1);
  });

  it('without a run is an error of the plugin', async () => {
    harness.write('disks.ts', plugin({ 'disk.seen': 'run = undefined;' }));
    await harness.host.start();
    expect(harness.states()).toEqual([
      'disks: failed at register: Event source disk.seen has no method run',
    ]);
  });

  it.each(['server.mine', 'task.mine', 'plugin.mine', 'session.mine'])(
    'cannot be named %s, and no type can',
    async (name) => {
      harness.write('disks.ts', plugin({ [name]: '' }));
      harness.write('types.ts', plugin({}, `dispatcher.registerEventType('${name}');`));
      await harness.host.start();
      expect(harness.states()).toEqual([
        `disks: failed at register: Events named ${name} belong to the server`,
        expect.stringContaining(`types: failed at init: Events named ${name} belong`),
      ]);
    },
  );
});

describe('the events of a source', () => {
  it('are all that its plugin registers, as long as it has one source', async () => {
    await start(plugin({ 'disk.seen': '' }, `dispatcher.registerEventType('disk.gone');`));
    harness.events.addHandler('disk.*', noop);
    expect(statusOf('disk.seen')?.events).toEqual({ 'disk.seen': true, 'disk.gone': true });
    expect(sourceClasses()).toEqual({ 'disk.seen': 'S0', 'disk.gone': 'S0' });
  });

  it('are only those it registers itself, when there are two', async () => {
    const own = `async run(signal) { this.dispatcher.registerEventType('a.own'); await super.run(signal); }`;
    await start(plugin({ a: own, b: '' }, `dispatcher.registerEventType('nobodys');`));
    expect(sourceClasses()).toEqual({ a: 'S0', b: 'S1', 'a.own': 'S0', nobodys: null });
    harness.events.addHandler('*', noop);
    expect(trace.said.filter((line) => line.startsWith('+')).sort()).toEqual([
      '+a',
      '+a.own',
      '+b',
    ]);
  });

  it('change with the number of sources', async () => {
    harness.events.addHandler('*', noop);
    await start(
      plugin(
        { a: '' },
        `dispatcher.registerEventType('more');
         trace.dispatcher = dispatcher; trace.Late = class Late extends Base {};`,
      ),
    );
    const { dispatcher, Late } = trace as unknown as {
      dispatcher: {
        registerEventSource(name: string, type: unknown): Promise<void>;
        unregisterEventSource(name: string): Promise<void>;
        unregisterEventType(name: string): void;
      };
      Late: unknown;
    };
    trace.said = [];
    await dispatcher.registerEventSource('b', Late);
    await dispatcher.unregisterEventSource('b');
    dispatcher.unregisterEventType('more');
    expect(trace.said).toEqual(['-more', 'run', '+b', '-b', 'end', '+more', '-more']);
  });

  it('may be registered again by a loop that begins again', async () => {
    const failing = `async run(signal) {
      this.dispatcher.registerEventType('disk.gone', { description: 'turn ' + (trace.living + 1) });
      void super.run(signal);
      throw new Error('boom');
    }`;
    const due: (() => void)[] = [];
    await harness.dispose();
    harness = new HostHarness({
      clock: { nowMs: () => 0, after: (_, action) => (due.push(action), noop) },
    });
    await start(plugin({ 'disk.seen': failing }));
    await expect.poll(() => statusOf('disk.seen')?.state).toBe('backing-off');
    due.pop()?.();
    await expect.poll(() => statusOf('disk.seen')?.failures).toBe(2);
    expect(statusOf('disk.seen')?.error).toBe('boom');
    expect(harness.eventsNamed('server.event.added').map(({ name }) => name)).toEqual([
      'disk.seen',
      'disk.gone',
    ]);
    expect(harness.eventsNamed('plugin.event_source_failed')).toHaveLength(2);
  });
});

describe('reloading a plugin with a source', () => {
  it('a hundred times leaves one loop and as many enables as disables', async () => {
    harness.events.addHandler('disk.*', noop);
    await start(plugin({ 'disk.seen': '' }, `dispatcher.registerEventType('disk.gone');`));
    for (let i = 0; i < 100; i += 1) await harness.host.reload(['disks']);
    expect([trace.living, trace.mostLiving]).toEqual([1, 1]);
    const count = (line: string): number => trace.said.filter((said) => said === line).length;
    expect([count('run'), count('end')]).toEqual([101, 100]);
    expect([count('+disk.gone'), count('-disk.gone')]).toEqual([101, 100]);
    expect(harness.events.interest.countOf('disk.gone')).toBe(1);
    expect(harness.log).toEqual([]);
  });

  it('cuts off a loop that ignores its signal before the new one begins', async () => {
    const due: (() => void)[] = [];
    await harness.dispose();
    harness = new HostHarness({
      clock: { nowMs: () => 0, after: (_, action) => (due.push(action), noop) },
    });
    const deaf = `async run() {
      trace.said.push('run');
      await new Promise((resolve) => (trace.go ??= resolve));
      try { this.emit('disk.seen', {}); } catch (error) { trace.said.push(error.message); }
    }`;
    await start(plugin({ 'disk.seen': deaf }));
    const reloading = harness.host.reload(['disks']);
    await expect.poll(() => due.length).toBe(1);
    expect(trace.said).toEqual(['init', 'run']);
    due.pop()?.();
    await reloading;
    expect(trace.said).toEqual(['init', 'run', 'cleanup', 'init', 'run']);
    expect(harness.log).toEqual([
      expect.stringContaining('Event source disk.seen ignores its signal and is cut off'),
    ]);
    (trace as unknown as { go(): void }).go();
    await expect.poll(() => trace.said.at(-1)).toMatch(/was unloaded|was stopped/);
    expect(harness.eventsNamed('disk.seen')).toEqual([]);
    await Promise.all([
      harness.host.stop(),
      expect
        .poll(() => due.length)
        .toBe(1)
        .then(() => due.pop()?.()),
    ]);
  });
});

describe('event types', () => {
  it('are announced as they come and go', async () => {
    await start(plugin({ 'disk.seen': '' }, `dispatcher.registerEventType('disk.gone');`));
    await harness.host.stop();
    const named = (name: string) => harness.eventsNamed(name).map((args) => args['name']);
    expect(named('server.event.added')).toEqual(['disk.seen', 'disk.gone']);
    expect(named('server.event.removed')).toEqual(['disk.gone', 'disk.seen']);
  });
});

describe('a plugin that waits for an event', () => {
  interface Waiting {
    testOrWaitForEvent(...args: unknown[]): Promise<unknown>;
    execAndWaitForEvent(...args: unknown[]): Promise<unknown>;
    emitEvent(name: string, args: object): void;
  }
  const always = (): boolean => true;

  const startWaiting = async (): Promise<Waiting> => {
    await start(plugin({}, 'trace.dispatcher = dispatcher;'));
    return (trace as unknown as { dispatcher: Waiting }).dispatcher;
  };

  it('gets the event that its own action caused at once, and is no subscriber afterwards', async () => {
    const dispatcher = await startWaiting();
    const emit = (): void => dispatcher.emitEvent('disk.seen', { disk: 'da0' });
    expect(await dispatcher.execAndWaitForEvent('disk.*', always, emit)).toMatchObject({
      disk: 'da0',
    });
    expect(await dispatcher.testOrWaitForEvent('disk.*', always, always)).toBeNull();
    expect(harness.events.interest.countOf('disk.seen')).toBe(0);
  });

  it('is told ECANCELED when it is unloaded meanwhile', async () => {
    const dispatcher = await startWaiting();
    const outcome = dispatcher.testOrWaitForEvent('disk.*', always, () => false);
    const failure = expect(outcome).rejects.toMatchObject({ code: 125 });
    await harness.host.reload(['disks']);
    await failure;
    expect(harness.events.interest.countOf('disk.seen')).toBe(0);
  });
});
