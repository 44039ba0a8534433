import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NodeCaller, NodeCalls } from '../../src/cluster/index.js';
import { deferred, Errno, RetryableException, RpcException } from '../../src/common/index.js';

export interface CallsGround {
  /** Who asks. */
  readonly caller: NodeCalls;
  /** Who answers; the same object where a node can only ask itself. */
  readonly callee: NodeCalls;
  readonly calleeName: string;
  close(): Promise<void>;
}

const CHANNEL = 'test';

/** What every implementation of the calls of nodes does alike. */
export function describeNodeCalls(name: string, open: () => Promise<CallsGround>): void {
  describe(`calls of nodes: ${name}`, () => {
    let ground: CallsGround;
    let callers: NodeCaller[];

    beforeEach(async () => {
      callers = [];
      ground = await open();
    });

    afterEach(() => ground.close());

    /** The callee answers so; what it was asked, and by whom, is kept. */
    function answer(handler: (body: unknown, caller: NodeCaller) => unknown): void {
      ground.callee.serve(CHANNEL, (body, caller) => {
        callers.push(caller);
        return handler(body, caller);
      });
    }

    const ask = (
      body: unknown = null,
      { signal = new AbortController().signal, ...more }: Asking = {},
    ): Promise<unknown> =>
      ground.caller.call(ground.calleeName, { channel: CHANNEL, body, ...more }, signal);

    interface Asking {
      readonly signal?: AbortSignal;
      readonly timeoutMs?: number;
      readonly cause?: string;
    }

    it('gives the answer', async () => {
      answer((body) => ({ got: body }));
      expect(await ask({ a: [1, 'x', null, true] })).toEqual({ got: { a: [1, 'x', null, true] } });
    });

    it('carries dates, large integers and bytes both ways', async () => {
      const value = {
        at: new Date('2026-02-03T04:05:06.789Z'),
        large: 2n ** 60n,
        bytes: Buffer.from([0, 1, 254, 255]),
      };
      const seen: unknown[] = [];
      answer((body) => {
        seen.push(body);
        return body;
      });
      expect(await ask(value)).toEqual(value);
      expect(seen).toEqual([value]);
    });

    it('carries a megabyte and more', async () => {
      const text = 'ä€😀'.repeat(400_000);
      answer((body) => body);
      expect(await ask({ text })).toEqual({ text });
    });

    it('tells the callee who asks, and because of what', async () => {
      answer(() => 1);
      await ask(null, { cause: 'f00' });
      expect(callers).toMatchObject([{ cause: 'f00' }]);
      expect(callers[0]?.node).toMatch(/^n\d$/);
    });

    it('passes an error on with its code, message and what else it says', async () => {
      answer(() => {
        throw new RpcException(Errno.EEXIST, 'Disk exists', { id: 7n, at: new Date(0) });
      });
      await expect(ask()).rejects.toMatchObject({
        code: Errno.EEXIST,
        message: 'Disk exists',
        extra: { id: 7n, at: new Date(0) },
      });
    });

    it('passes on that a failure may be gone in a moment', async () => {
      answer(() => Promise.reject(new RetryableException(Errno.EBUSY, 'Busy')));
      await expect(ask()).rejects.toBeInstanceOf(RetryableException);
    });

    it('refuses a node that there is not, and a channel that nobody answers', async () => {
      const { signal } = new AbortController();
      const toNobody = ground.caller.call('n99', { channel: CHANNEL, body: null }, signal);
      await expect(toNobody).rejects.toMatchObject({ code: Errno.ENOENT });
      await expect(ask()).rejects.toMatchObject({ code: Errno.ENOENT });
    });

    it('answers a channel no longer once that was taken back', async () => {
      const stop = ground.callee.serve(CHANNEL, () => 1);
      expect(await ask()).toBe(1);
      stop();
      await expect(ask()).rejects.toMatchObject({ code: Errno.ENOENT });
    });

    it('tells the callee that the caller gave up', async () => {
      const stopping = new AbortController();
      const began = deferred<null>();
      answer((_, { signal }) => {
        began.resolve(null);
        return new Promise((resolve) => signal.addEventListener('abort', resolve));
      });
      const asked = ask(null, { signal: stopping.signal });
      await began.promise;
      const reason = new RpcException(Errno.ECANCELED, 'Enough');
      stopping.abort(reason);
      await expect(asked).rejects.toBe(reason);
      await vi.waitFor(() => expect(callers[0]?.signal.aborted).toBe(true));
      expect(callers[0]?.signal.reason).toMatchObject({ code: Errno.ECANCELED, message: 'Enough' });
    });

    it('asks nobody when the caller gave up before', async () => {
      answer(() => 1);
      await expect(ask(null, { signal: AbortSignal.abort(new Error('No')) })).rejects.toThrow('No');
      expect(callers).toEqual([]);
    });

    it('ends a call that takes longer than it may, at both nodes', async () => {
      answer(() => new Promise(() => undefined));
      await vi.waitFor(async () => {
        await expect(ask(null, { timeoutMs: 50 })).rejects.toMatchObject({ code: Errno.ETIMEDOUT });
        expect(callers[0]?.signal.aborted).toBe(true); // on a busy machine one may end before it arrives
      }, 10_000);
    });

    it('passes a stream on item by item, no faster than it is taken', async () => {
      let made = 0;
      answer(async function* () {
        await setImmediate();
        for (made = 1; made <= 1_000; made += 1) yield { made };
      });
      const items = (await ask()) as AsyncIterable<{ made: number }>;
      const seen: number[] = [];
      for await (const item of items) {
        seen.push(item.made);
        for (let i = 0; i < 3; i += 1) await setImmediate();
        expect(made - item.made).toBeLessThanOrEqual(64);
      }
      expect(seen).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1));
    });

    it('makes nothing of a stream before it is taken', async () => {
      let isBegun = false;
      // eslint-disable-next-line @typescript-eslint/require-await -- a stream of one
      answer(async function* () {
        isBegun = true;
        yield 1;
      });
      const items = (await ask()) as AsyncIterable<unknown>;
      expect(isBegun).toBe(false);
      for await (const item of items) expect(item).toBe(1);
      expect(isBegun).toBe(true);
    });

    it('ends the producer of a stream that is taken no further', async () => {
      let isOver = false;
      answer(async function* () {
        try {
          for (let i = 0; ; i += 1) {
            await setImmediate();
            yield i;
          }
        } finally {
          isOver = true;
        }
      });
      for await (const item of (await ask()) as AsyncIterable<number>) if (item === 10) break;
      await vi.waitFor(() => expect(isOver).toBe(true));
    });

    it('passes the failure of a stream on behind the items before it', async () => {
      // eslint-disable-next-line @typescript-eslint/require-await -- a stream of two
      answer(async function* () {
        yield 1;
        yield 2;
        throw new RpcException(Errno.ENOSPC, 'Full');
      });
      const seen: unknown[] = [];
      const taken = (async () => {
        for await (const item of (await ask()) as AsyncIterable<unknown>) seen.push(item);
      })();
      await expect(taken).rejects.toMatchObject({ code: Errno.ENOSPC });
      expect(seen).toEqual([1, 2]);
    });

    it('answers many calls at once, each with its own answer', async () => {
      answer(async (body) => {
        await setImmediate();
        return (body as number) * 2;
      });
      const answers = await Promise.all(Array.from({ length: 2_000 }, (_, i) => ask(i)));
      expect(answers).toEqual(Array.from({ length: 2_000 }, (_, i) => i * 2));
    });
  });
}
