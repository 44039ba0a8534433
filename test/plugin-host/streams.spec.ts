import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Dispatcher } from '../../src/sdk/index.js';
import { HostHarness } from './host.harness.js';

const COUNTER = `
import { accepts, Errno, generator, h, Plugin, Provider, provider, returns, RpcException, signal } from 'dispatcher';
@provider('counter') export class Counter extends Provider {
  readonly log: string[] = [];
  @returns(h.any()) tell() { return this.log; }
  @accepts(h.integer()) @generator() @returns(h.array(h.integer()))
  async *count(to: number) {
    try { for (let i = 1; i <= to; i += 1) { this.log.push('made ' + i); yield i; } }
    finally { this.log.push('finally'); }
  }
  @accepts() @generator() @returns(h.array(Object))
  async *rows() { const row = { id: 1 }; yield row; this.log.push('row ' + row.id); yield row; }
  @accepts() @generator() @returns(h.array(h.integer())) *wrong() { try { yield 1; yield 'x' as never; } finally { this.log.push('finally'); } }
  @accepts(Boolean) @generator() @returns(h.array(h.integer()))
  async *broken(known: boolean) { yield 1; throw known ? new RpcException(Errno.EIO, 'The disk is gone') : new Error('boom'); }
  @accepts() @generator() @returns(h.array(h.integer()))
  async *waiting(@signal() stop: AbortSignal) {
    try { yield 1; await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve())); }
    finally { this.log.push('finally'); }
  }
  @accepts() @returns(h.array(String)) names() { return ['a', 'b']; }
  @accepts() @returns(Number) one() { return 1; }
}
@Plugin({ providers: [Counter] }) export default class {}
`;
const READER = `
import { Dispatcher, Plugin } from 'dispatcher';
@Plugin({ depends: ['counter'] }) export default class {
  constructor(readonly dispatcher: Dispatcher) {}
  init() { globalThis.readerDispatcher = this.dispatcher; }
}
`;

describe('A plugin that reads a stream of another', () => {
  let harness: HostHarness;
  let dispatcher: Dispatcher;

  beforeEach(async () => {
    harness = new HostHarness();
    harness.write('counter.ts', COUNTER);
    harness.write('reader.ts', READER);
    await harness.host.start();
    dispatcher = Reflect.get(globalThis, 'readerDispatcher') as Dispatcher;
  });
  afterEach(async () => {
    await harness.dispose();
    Reflect.deleteProperty(globalThis, 'readerDispatcher');
  });

  const told = () => harness.call('counter.tell');

  it('gets each item only when it asks for it', async () => {
    const items = await dispatcher.callSync<AsyncIterableIterator<number>>('counter.count', 3);
    expect(await told()).toEqual([]);
    expect(await items.next()).toEqual({ done: false, value: 1 });
    expect(await told()).toEqual(['made 1']);
    expect(await items.next()).toEqual({ done: false, value: 2 });
    expect(await items.next()).toEqual({ done: false, value: 3 });
    expect(await items.next()).toMatchObject({ done: true });
    expect(await items.next()).toMatchObject({ done: true });
    expect(await told()).toEqual(['made 1', 'made 2', 'made 3', 'finally']);
  });

  it.each(['callSync', 'callStream'] as const)(
    'ends the producer by leaving the loop over %s',
    async (way) => {
      const items: AsyncIterable<number> =
        way === 'callStream'
          ? dispatcher.callStream<number>('counter.count', 1_000)
          : await dispatcher.callSync('counter.count', 1_000);
      for await (const item of items) if (item === 2) break;
      expect(await told()).toEqual(['made 1', 'made 2', 'finally']);
    },
  );

  it('gets a copy of each item, not the producer’s own object', async () => {
    for await (const row of dispatcher.callStream<{ id: number }>('counter.rows')) row.id = 99;
    expect(await told()).toEqual(['row 1']);
  });

  it('is told of an item that does not fit, and the producer ends', async () => {
    const items = await dispatcher.callSync<AsyncIterableIterator<number>>('counter.wrong');
    await items.next();
    await expect(items.next()).rejects.toMatchObject({ code: 14 });
    expect(await told()).toEqual(['finally']);
  });

  it.each<[boolean, object]>([
    [true, { code: 5, message: 'The disk is gone' }],
    [false, { code: 14, message: expect.stringContaining('Internal error') as string }],
  ])('is told what a client would be told of a failure (known: %j)', async (isKnown, error) => {
    const items = await dispatcher.callSync<AsyncIterableIterator<number>>(
      'counter.broken',
      isKnown,
    );
    await items.next();
    await expect(items.next()).rejects.toMatchObject(error);
    expect(await items.next()).toMatchObject({ done: true });
  });

  it('leaves no producer behind when it is unloaded', async () => {
    const items = await dispatcher.callSync<AsyncIterableIterator<number>>('counter.waiting');
    await items.next();
    const pending = items.next();
    harness.remove('reader.ts');
    await harness.host.reload();
    expect(await pending).toMatchObject({ done: true });
    await expect(items.next()).resolves.toMatchObject({ done: true });
  });

  it('may take any list as a stream, and nothing else', async () => {
    const names: string[] = [];
    for await (const name of dispatcher.callStream<string>('counter.names')) names.push(name);
    expect(names).toEqual(['a', 'b']);
    await expect(dispatcher.callStream('counter.one').next()).rejects.toMatchObject({ code: 22 });
  });
});
