import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient, WireFrame } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

const PLUGIN = `
import { accepts, Dispatcher, Errno, generator, h, Plugin, Provider, provider, returns, RpcException, signal } from 'dispatcher';

@provider('stream')
export class StreamProvider extends Provider {
  readonly state = new Map<string, { produced: number; finished: number }>();
  private of(name: string) {
    const state = this.state.get(name) ?? { produced: 0, finished: 0 };
    this.state.set(name, state);
    return state;
  }
  @accepts(String) @returns(h.any()) tell(name: string) { return this.of(name); }

  @accepts(String, h.integer()) @generator() @returns(h.array(h.integer()))
  async *count(name: string, to: number) {
    const state = this.of(name);
    try { for (let i = 1; i <= to; i += 1) { state.produced = i; yield i; } } finally { state.finished += 1; }
  }
  @accepts(h.integer()) @generator() @returns(h.array(h.integer()))
  *plain(to: number) { for (let i = 1; i <= to; i += 1) yield i; }
  @accepts(h.integer()) @generator() @returns(h.array(h.integer()))
  async list(to: number) { return Array.from({ length: to }, (_, i) => i + 1); }
  @accepts() @generator() @returns(h.array(h.any())) *dates() { yield new Date(0); yield 2n ** 64n; }
  @accepts(h.integer(), Boolean) @generator() @returns(h.array(h.integer()))
  async *broken(after: number, known: boolean) {
    for (let i = 1; i <= after; i += 1) yield i;
    throw known ? new RpcException(Errno.EIO, 'The disk is gone') : new Error('boom');
  }
  @accepts(h.integer()) @generator() @returns(h.ref('StreamNumbers'))
  async *wrongReferred(at: number) { for (let i = 1; ; i += 1) yield (i === at ? 'x' : i) as never; }
  @accepts(h.integer()) @generator() @returns(h.array(h.integer()))
  async *wrongItem(at: number) { for (let i = 1; ; i += 1) yield (i === at ? 'x' : i) as number; }
  @accepts(String) @generator() @returns(h.array(h.integer()))
  async *waiting(name: string, @signal() stop: AbortSignal) {
    try {
      yield 1;
      await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve()));
    } finally { this.of(name).finished += 1; }
  }
}
@Plugin({ providers: [StreamProvider] }) export default class {
  constructor(private readonly dispatcher: Dispatcher) {}
  init() { this.dispatcher.registerSchemaDefinition('StreamNumbers', h.array(h.integer())); }
}
`;

let server: PluginServer;
let plain: PlainClient;
let lastName = 0;

beforeAll(async () => {
  server = await PluginServer.start(
    { 'stream.ts': PLUGIN },
    { dispatcher: { limits: { 'streaming-burst': 4 } } },
  );
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

const newName = () => `run ${(lastName += 1)}`;
const streaming = () => server.admin('streaming_responses');

/** Frames of one id in the order they came, without what is the same in all of them. */
const framesOf = (client: PlainClient, id: string) =>
  client.received.filter((frame) => frame.id === id).map(({ name, args }) => [name, args]);

const nth = (client: PlainClient, id: string, count: number): Promise<WireFrame> =>
  client.find((frame) => client.received.filter((other) => other.id === id)[count - 1] === frame);

function open(client: PlainClient, id: string, method: string, args: readonly unknown[]): void {
  client.send('rpc', 'call', id, { method, args });
}

const state = (client: PlainClient, name: string) =>
  client.result<{ produced: number; finished: number }>('stream.tell', name);

describe('without the feature', () => {
  it.each<[string, unknown[]]>([
    ['stream.count', ['x', 6]],
    ['stream.plain', [6]],
    ['stream.list', [6]],
  ])('%s is one response with the whole array', async (method, args) => {
    plain = await server.admin();
    expect(await plain.result(method, ...args)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('what is thrown midway is the one answer', async () => {
    plain = await server.admin();
    expect((await plain.call('stream.broken', 3, true)).args).toMatchObject({ code: 5 });
    expect((await plain.call('stream.broken', 3, false)).args).toMatchObject({ code: 14 });
  });
});

describe('a stream', () => {
  it.each<[string, unknown[]]>([
    ['stream.count', ['x', 6]],
    ['stream.plain', [6]],
    ['stream.list', [6]],
  ])('of %s comes in bursts that are asked for, then end, then close', async (method, args) => {
    const client = await streaming();
    open(client, 's', method, args);
    await nth(client, 's', 1);
    client.send('rpc', 'continue', 's', 2);
    await nth(client, 's', 2);
    client.send('rpc', 'continue', 's', 3);
    await nth(client, 's', 4);
    expect(framesOf(client, 's')).toEqual([
      ['fragment', { seqno: 1, fragment: [1, 2, 3, 4] }],
      ['fragment', { seqno: 2, fragment: [5, 6] }],
      ['end', 3],
      ['close', null],
    ]);
    client.send('rpc', 'continue', 's', 4);
    expect((await nth(client, 's', 5)).args).toMatchObject({ code: 2, message: 'Invalid call' });
  });

  it('of nothing is end 1 and close', async () => {
    const client = await streaming();
    open(client, 's', 'stream.count', ['x', 0]);
    await nth(client, 's', 2);
    expect(framesOf(client, 's')).toEqual([
      ['end', 1],
      ['close', null],
    ]);
  });

  it('carries extended values', async () => {
    const client = await streaming();
    open(client, 's', 'stream.dates', []);
    expect((await nth(client, 's', 1)).args).toEqual({
      seqno: 1,
      fragment: [{ $date: '1970-01-01T00:00:00.000Z' }, { $long: '18446744073709551616' }],
    });
  });

  it('is an ordinary response for a method that is no generator', async () => {
    const client = await streaming();
    expect(await client.call('discovery.get_services')).toMatchObject({ name: 'response' });
  });

  it('keeps its producer no more than one burst ahead', async () => {
    const client = await streaming();
    const name = newName();
    open(client, 's', 'stream.count', [name, 1_000]);
    await nth(client, 's', 1);
    expect((await state(client, name)).produced).toBeLessThanOrEqual(8);
    client.send('rpc', 'continue', 's', 2);
    await nth(client, 's', 2);
    expect((await state(client, name)).produced).toBeLessThanOrEqual(12);
  });

  it('takes requests for the next chunks that are sent together', async () => {
    const client = await streaming();
    open(client, 's', 'stream.count', ['x', 10]);
    await nth(client, 's', 1);
    for (const seqno of [2, 3, 4]) client.send('rpc', 'continue', 's', seqno);
    await nth(client, 's', 5);
    expect(framesOf(client, 's').map(([kind]) => kind)).toEqual([
      'fragment',
      'fragment',
      'fragment',
      'end',
      'close',
    ]);
  });

  it.each([['2'], [null], [1.5], [{ seqno: 2 }], [[2]]])(
    'answers a continue with %j instead of a number with EINVAL',
    async (seqno) => {
      const client = await streaming();
      open(client, 's', 'stream.count', ['x', 10]);
      await nth(client, 's', 1);
      client.send('rpc', 'continue', 's', seqno);
      expect(await nth(client, 's', 2)).toMatchObject({ name: 'error', args: { code: 22 } });
    },
  );

  it.each<[boolean, object]>([
    [true, { code: 5, message: 'The disk is gone' }],
    [false, { code: 14, name: 'EFAULT' }],
  ])('that breaks ends with the error and without end (known: %j)', async (isKnown, error) => {
    const client = await streaming();
    open(client, 's', 'stream.broken', [4, isKnown]);
    await nth(client, 's', 1);
    client.send('rpc', 'continue', 's', 2);
    expect(await nth(client, 's', 2)).toMatchObject({ name: 'error', args: error });
    await client.settled();
    expect(framesOf(client, 's')).toHaveLength(2);
    client.send('rpc', 'abort', 's', null);
    expect((await nth(client, 's', 3)).args).toMatchObject({ code: 2 });
  });

  it.each([
    ['@returns', 'stream.wrong_item'],
    ['the definition that @returns refers to', 'stream.wrong_referred'],
  ])('with an item that does not fit %s ends with EFAULT', async (_, method) => {
    const client = await streaming();
    open(client, 's', method, [6]);
    await nth(client, 's', 1);
    client.send('rpc', 'continue', 's', 2);
    expect(await nth(client, 's', 2)).toMatchObject({ name: 'error', args: { code: 14 } });
  });

  it('keeps its id in use until it is closed', async () => {
    const client = await streaming();
    open(client, 's', 'stream.count', ['x', 100]);
    await nth(client, 's', 1);
    open(client, 's', 'management.ping', []);
    expect((await nth(client, 's', 2)).args).toMatchObject({ code: 17 });
    client.send('rpc', 'abort', 's', null);
    expect((await nth(client, 's', 3)).name).toBe('close');
    open(client, 's', 'management.ping', []);
    expect((await nth(client, 's', 4)).args).toBe('pong');
  });
});

describe('a producer', () => {
  it('runs its finally when the stream is aborted', async () => {
    const client = await streaming();
    const name = newName();
    open(client, 's', 'stream.count', [name, 100]);
    await nth(client, 's', 1);
    client.send('rpc', 'abort', 's', null);
    expect(await nth(client, 's', 2)).toMatchObject({ name: 'close', args: null });
    await expect.poll(() => state(client, name)).toMatchObject({ finished: 1 });
    expect(framesOf(client, 's')).toHaveLength(2);
  });

  it.each([
    ['idle between two bursts', 'stream.count', 100],
    ['drained half', 'stream.count', 6],
  ])('runs its finally when the connection goes while it is %s', async (_, method, to) => {
    const [client, observer] = [await streaming(), await server.admin()];
    const name = newName();
    open(client, 's', method, [name, to]);
    await nth(client, 's', 1);
    client.socket.terminate();
    await expect.poll(() => state(observer, name)).toMatchObject({ finished: 1 });
  });

  it('that waits is woken by its signal when the connection goes', async () => {
    const [client, observer] = [await streaming(), await server.admin()];
    const name = newName();
    open(client, 's', 'stream.waiting', [name]);
    await client.settled();
    client.socket.terminate();
    await expect.poll(() => state(observer, name)).toMatchObject({ finished: 1 });
  });

  it('of a call without the feature ends when the connection goes', async () => {
    const [client, observer] = [await server.admin(), await server.admin()];
    const name = newName();
    open(client, 's', 'stream.waiting', [name]);
    await client.settled();
    client.socket.terminate();
    await expect.poll(() => state(observer, name)).toMatchObject({ finished: 1 });
  });
});

describe('a view', () => {
  it('keeps every chunk readable until it is aborted, the end included', async () => {
    const client = await streaming();
    client.send('rpc', 'call', 'v', { method: 'stream.count', args: ['x', 6], view: true });
    await nth(client, 'v', 1);
    let count = 1;
    for (const seqno of [2, 3, 1, 2, 3]) {
      client.send('rpc', 'continue', 'v', seqno);
      await nth(client, 'v', (count += 1));
    }
    const [first, second, end] = framesOf(client, 'v');
    expect(end).toEqual(['end', 3]);
    expect(framesOf(client, 'v')).toEqual([first, second, end, first, second, end]);
    client.send('rpc', 'abort', 'v', null);
    expect(await nth(client, 'v', 7)).toMatchObject({ name: 'close', args: null });
    client.send('rpc', 'continue', 'v', 1);
    expect((await nth(client, 'v', 8)).args).toMatchObject({ code: 2, message: 'Invalid call' });
  });
});
