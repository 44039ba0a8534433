import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectGarbage } from '../../src/system/index.js';
import { HostHarness } from './host.harness.js';

const CALLERS = 20;
// Until the engine has compiled what is hot: its machine code, too, is on the heap.
const WARM_UP = 600;
const RELOADS = 1_000;
const GROWTH_LIMIT = 2_000_000;

/** A plugin that uses everything which could hold on to it, in several files. */
const plugin = (version: number): string => `
import { accepts, description, Dispatcher, EventSource, eventSource, h, Plugin, provider, Provider,
  returns, Task, task, type PluginContext } from 'dispatcher';
import { Injectable } from '@nestjs/common';
import { Point } from './shapes/point.js';

@Injectable() class Helper { readonly version = ${version}; }

@provider('shape')
export class ShapeProvider extends Provider {
  constructor(private readonly helper: Helper) { super(); }
  @description('Moves a point') @accepts(Point) @returns(Point)
  async move(point: Point) { await null; return { ...point, x: point.x + 1 }; }
  @description('Tells the version') @accepts() @returns(h.integer())
  version() { return this.helper.version; }
}
@task('shape.draw') @accepts(Point)
export class Draw extends Task { verify() { return []; } run(point: Point) { return point; } }
@eventSource('shape.seen')
export class Seen extends EventSource { async run() {} }

@Plugin({ schemas: [Point], providers: [Helper, ShapeProvider, Draw, Seen] })
export default class ShapePlugin {
  constructor(private readonly dispatcher: Dispatcher) {}
  async init({ signal }: PluginContext) {
    globalThis.generations.push(new WeakRef(ShapePlugin));
    signal.addEventListener('abort', () => this.dispatcher);
    this.dispatcher.registerEventHandler('shape.*', () => this.dispatcher, { sync: true });
    this.dispatcher.registerSchemaDefinition('Line', h.array(h.ref('Point')));
    await this.dispatcher.callSync('shape.move', { x: 1, y: 2 });
  }
}
`;

const POINT = `
import { IsInt, IsOptional, Min } from 'class-validator';
export class Point {
  @IsInt() x!: number;
  @IsInt() @Min(0) @IsOptional() y?: number;
}
`;

describe('A thousand reloads', () => {
  let harness: HostHarness;
  let generations: WeakRef<object>[];

  beforeEach(() => {
    harness = new HostHarness();
    generations = [];
    Reflect.set(globalThis, 'generations', generations);
  });
  afterEach(async () => {
    Reflect.deleteProperty(globalThis, 'generations');
    await harness.dispose();
  });

  async function reload(version: number): Promise<void> {
    harness.write('shape/index.ts', plugin(version));
    await harness.host.reload(['shape']);
    harness.events.publish('shape.reloaded', { version });
    harness.seen.length = 0;
    expect(await harness.call('shape.version')).toBe(version);
  }

  async function heapAfterCollection(): Promise<number> {
    // Weak references are cleared in a turn of their own after a collection
    for (let round = 0; round < 5; round += 1) {
      collectGarbage();
      await new Promise(setImmediate);
    }
    return process.memoryUsage().heapUsed;
  }

  /** Calls without a pause until told to stop; returns how often. */
  async function callBusily(until: AbortSignal): Promise<number> {
    let calls = 0;
    while (!until.aborted) {
      await harness.call('shape.move', { x: calls, y: 1 });
      calls += 1;
      await new Promise(setImmediate);
    }
    return calls;
  }

  it(
    'fail no call, keep one generation alive and the heap as it was',
    { timeout: 300_000 },
    async () => {
      harness.write('shape/shapes/point.ts', POINT);
      harness.write('shape/index.ts', plugin(0));
      await harness.host.start();
      const stop = new AbortController();
      const callers = Array.from({ length: CALLERS }, () => callBusily(stop.signal));

      for (let version = 1; version <= WARM_UP; version += 1) await reload(version);
      const before = await heapAfterCollection();
      for (let version = 1; version <= RELOADS; version += 1) await reload(version);
      const growth = (await heapAfterCollection()) - before;
      stop.abort();
      const calls = await Promise.all(callers);

      const alive = generations.filter((generation) => generation.deref() !== undefined);
      console.info(`${calls.reduce((a, b) => a + b)} calls, heap growth ${growth} bytes`);
      expect(harness.log).toEqual([]);
      expect(alive).toHaveLength(1);
      expect(growth).toBeLessThan(GROWTH_LIMIT);
    },
  );
});
