import { beforeEach, describe, expect, it } from 'vitest';
import { coded, Errno } from '../common/index.js';
import type { Sender } from '../sdk/index.js';
import { Call } from './call.js';
import { collect, type Items, tracked } from './result-stream.js';
import { ServiceOwner } from './service-owner.js';

const sender: Sender = {
  kind: 'user',
  user: 'ann',
  roles: [],
  address: '127.0.0.1,1',
  sessionId: 1,
};

let call: Call;
let ended: boolean;

beforeEach(() => {
  call = new Call('sample.count', [], sender);
  ended = false;
});

function* endless(): Generator<number> {
  try {
    for (let n = 0; ; n += 1) yield n;
  } finally {
    ended = true;
  }
}

describe('collecting a result', () => {
  it('takes exactly as many items as it may', async () => {
    expect(await collect(new Set([1, 2, 3]), call, 3)).toEqual([1, 2, 3]);
    await expect(collect(new Set([1, 2, 3, 4]), call, 3)).rejects.toMatchObject({
      code: Errno.EOVERFLOW,
      message: expect.stringContaining('sample.count has more than 3 items') as string,
    });
  });

  it('ends an endless producer at the limit, and its finally runs', async () => {
    await expect(collect(endless(), call, 2_000)).rejects.toMatchObject({ code: Errno.EOVERFLOW });
    expect(ended).toBe(true);
  });

  it('lets an abort in while a producer that never waits is running', async () => {
    setImmediate(() => call.abort(coded('CALL_CANCELED')));
    await expect(collect(endless(), call, 50_000_000)).rejects.toThrow('Call was canceled');
    expect(ended).toBe(true);
  });
});

describe('a stream in progress', () => {
  const owner = new ServiceOwner('sample');
  const iterate = (items: Items): AsyncIterator<unknown> =>
    (tracked(items, owner) as AsyncIterable<unknown>)[Symbol.asyncIterator]();

  function* failing(): Generator<number> {
    yield 1;
    throw new Error('boom');
  }

  it('is a running call from its start to its end', async () => {
    const stream = iterate(new Set([1]));
    expect(owner.runningCalls).toBe(1);
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    expect(owner.runningCalls).toBe(1);
    expect(await stream.next()).toMatchObject({ done: true });
    expect(owner.runningCalls).toBe(0);
  });

  it('is none any more after it failed', async () => {
    const stream = iterate(failing());
    await stream.next();
    await expect(stream.next()).rejects.toThrow('boom');
    expect(owner.runningCalls).toBe(0);
  });

  it('is none any more after it was given up, and its finally has run', async () => {
    const stream = iterate(endless());
    await stream.next();
    await stream.return?.();
    expect(ended).toBe(true);
    expect(owner.runningCalls).toBe(0);
  });

  it('is given up although the item under way never comes', async () => {
    const silent: AsyncIterator<unknown> = {
      next: () => new Promise(() => undefined),
      return: () => Promise.resolve({ done: true, value: undefined }),
    };
    const stream = iterate({ [Symbol.asyncIterator]: () => silent });
    void stream.next();
    await stream.return?.();
    expect(owner.runningCalls).toBe(0);
  });

  it('that nobody ever starts is no running call', () => {
    tracked(endless(), owner);
    expect(owner.runningCalls).toBe(0);
  });
});
