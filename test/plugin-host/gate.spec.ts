import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServiceOwner } from '../../src/rpc/index.js';
import { HostHarness } from './host.harness.js';

interface Control {
  /** Opened by the test: what the plugin's init or method waits for. */
  gate: Promise<void>;
  open: () => void;
  entered: Promise<void>;
  enter: () => void;
  readonly log: string[];
}

function newControl(): Control {
  const control = { log: [] as string[] } as Control;
  control.gate = new Promise((resolve) => (control.open = resolve));
  control.entered = new Promise((resolve) => (control.enter = resolve));
  return control;
}

const slowInit = (version: number): string => `
import { description, Dispatcher, Plugin, provider, Provider } from 'dispatcher';
@provider('slow') class Slow extends Provider {
  ready = false;
  @description('Version and readiness') get() { return [${version}, this.ready]; }
  @description('Waits until the test lets go') async wait() {
    const control = globalThis.control;
    control.enter();
    await control.gate;
    control.log.push('call ended');
    return ${version};
  }
}
@Plugin({ providers: [Slow] }) export default class SlowPlugin {
  constructor(readonly slow: Slow, readonly dispatcher: Dispatcher) {}
  cleanup() { globalThis.control.log.push('cleaned up'); }
  async onModuleInit() {
    if (globalThis.hookControl) {
      globalThis.hookControl.enter();
      await globalThis.hookControl.gate;
    }
  }
  async init() {
    if (globalThis.initControl) {
      globalThis.initControl.enter();
      await globalThis.initControl.gate;
    }
    this.own = await this.dispatcher.callSync('slow.get');
    this.slow.ready = true;
  }
}
`;

describe('The gate of a plugin that is being (re)loaded', () => {
  let harness: HostHarness;
  let control: Control;
  let initControl: Control;

  beforeEach(() => {
    harness = new HostHarness({ drainTimeoutMs: 100 });
    harness.write('slow.ts', slowInit(1));
    control = newControl();
    initControl = newControl();
    Reflect.set(globalThis, 'control', control);
  });
  afterEach(async () => {
    await harness.dispose();
    for (const name of ['control', 'initControl', 'hookControl']) {
      Reflect.deleteProperty(globalThis, name);
    }
  });

  it('makes calls wait for an asynchronous init, at the start and at a reload', async () => {
    Reflect.set(globalThis, 'initControl', initControl);
    const starting = harness.host.start();
    await initControl.entered;
    const first = harness.call('slow.get');
    initControl.open();
    expect(await first).toEqual([1, true]);
    await starting;

    initControl = newControl();
    Reflect.set(globalThis, 'initControl', initControl);
    harness.write('slow.ts', slowInit(2));
    const reloading = harness.host.reload(['slow']);
    await initControl.entered;
    const second = harness.call('slow.get');
    initControl.open();
    expect(await second).toEqual([2, true]);
    await reloading;
  });

  it('lets calls that waited into the old code when the new code fails', async () => {
    await harness.host.start();
    Reflect.set(globalThis, 'initControl', initControl);
    harness.write('slow.ts', slowInit(2).replace('this.slow.ready = true', `throw new Error('x')`));
    const reloading = harness.host.reload(['slow']);
    await initControl.entered;
    const waiting = harness.call('slow.get');
    initControl.open();
    expect(await waiting).toEqual([1, true]);
    await expect(reloading).rejects.toThrow('Plugin slow failed at stage init: x');
    expect(await harness.call('slow.get')).toEqual([1, true]);
  });

  it('tells calls that waited that the service is gone when a first generation fails', async () => {
    Reflect.set(globalThis, 'initControl', initControl);
    harness.write('slow.ts', slowInit(2).replace('this.slow.ready = true', `throw new Error('x')`));
    const starting = harness.host.start();
    await initControl.entered;
    const waiting = harness.call('slow.get');
    initControl.open();
    await expect(waiting).rejects.toThrow('Service slow not found');
    await starting;
    await expect(harness.call('slow.get')).rejects.toThrow('Service slow not found');
  });

  it('lets running calls end in the old code before it is taken away', async () => {
    await harness.host.start();
    const running = harness.call('slow.wait');
    await control.entered;
    harness.write('slow.ts', slowInit(2));
    const reloading = harness.host.reload(['slow']);
    while (harness.services.ownerOf('slow.get')?.isHeld !== true) await new Promise(setImmediate);
    control.open();
    expect(await running).toBe(1);
    await reloading;
    expect(control.log).toEqual(['call ended', 'cleaned up']);
    expect(harness.log).toEqual([]);
    expect(await harness.call('slow.get')).toEqual([2, true]);
  });

  it('does not wait for ever: a call that does not end is overtaken and ends all the same', async () => {
    await harness.host.start();
    const running = harness.call('slow.wait');
    await control.entered;
    harness.write('slow.ts', slowInit(2));
    await harness.host.reload(['slow']);
    expect(await harness.call('slow.get')).toEqual([2, true]);
    expect(harness.log).toEqual([
      'warn slow: Plugin is unloaded while calls still run in its old code',
    ]);
    control.open();
    expect(await running).toBe(1);
  });

  it('keeps the name of a service for its plugin while it has no such service', async () => {
    await harness.host.start();
    Reflect.set(globalThis, 'initControl', initControl);
    const byHand = slowInit(2)
      .replace('providers: [Slow]', 'providers: []')
      .replace('constructor(readonly slow: Slow, readonly', 'slow = {}; constructor(readonly')
      .replace('this.own =', `await this.dispatcher.registerProvider('slow', Slow); this.own =`);
    harness.write('slow.ts', byHand);
    const reloading = harness.host.reload(['slow']);
    await initControl.entered;
    expect(harness.services.get('slow')).toBeUndefined();
    const owner = new ServiceOwner('thief');
    const methods = new Map();
    expect(() =>
      harness.services.register({ name: 'slow', owner, description: null, methods }),
    ).toThrow('Service slow is already offered by slow');
    const waiting = harness.call('slow.get');
    initControl.open();
    expect(await waiting).toEqual([2, false]);
    await reloading;
  });

  it('calls go into the old code while the new one is constructed', async () => {
    await harness.host.start();
    const hookControl = newControl();
    Reflect.set(globalThis, 'hookControl', hookControl);
    harness.write('slow.ts', slowInit(2));
    const reloading = harness.host.reload(['slow']);
    await hookControl.entered;
    expect(await harness.call('slow.get')).toEqual([1, true]);
    hookControl.open();
    await reloading;
    expect(await harness.call('slow.get')).toEqual([2, true]);
  });
});
