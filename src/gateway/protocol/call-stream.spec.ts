import { describe, expect, it } from 'vitest';
import { ResultStream } from '../../rpc/index.js';
import { CallStream } from './call-stream.js';

function producer(total: number) {
  const state = { produced: 0, isFinished: false };
  async function* items() {
    try {
      for (let i = 1; i <= total; i += 1) {
        state.produced = i;
        yield await Promise.resolve(i);
      }
    } finally {
      state.isFinished = true;
    }
  }
  return { state, stream: new ResultStream(items(), () => undefined) };
}

describe('a streamed call', () => {
  it('gives fragments of at most a burst, then the end with the number that would have been next', async () => {
    const stream = new CallStream(producer(5).stream, { burst: 2, isView: false });
    expect(await stream.take(1)).toEqual({ kind: 'fragment', seqno: 1, items: [1, 2] });
    expect(await stream.take(2)).toEqual({ kind: 'fragment', seqno: 2, items: [3, 4] });
    expect(await stream.take(3)).toEqual({ kind: 'fragment', seqno: 3, items: [5] });
    expect(await stream.take(4)).toEqual({ kind: 'end', seqno: 4 });
  });

  it('ends at once with number 1 when there is nothing', async () => {
    const stream = new CallStream(producer(0).stream, { burst: 2, isView: false });
    expect(await stream.take(1)).toEqual({ kind: 'end', seqno: 1 });
  });

  it('never lets the producer run further ahead than what was asked for', async () => {
    const { state, stream } = producer(100);
    const call = new CallStream(stream, { burst: 10, isView: false });
    await call.take(1);
    expect(state.produced).toBe(10);
  });

  it('refuses a number that is not next, and serves requests sent together in order', async () => {
    const stream = new CallStream(producer(5).stream, { burst: 2, isView: false });
    const both = Promise.all([stream.take(1), stream.take(2)]);
    expect((await both).map((chunk) => chunk.seqno)).toEqual([1, 2]);
    await expect(stream.take(1)).rejects.toThrow('the next one is 3');
    await expect(stream.take(9)).rejects.toThrow('the next one is 3');
    expect((await stream.take(3)).kind).toBe('fragment');
  });

  it('sends what there is when the producer pauses, and loses nothing of what comes late', async () => {
    let release: (value: number) => void = () => undefined;
    async function* slow() {
      yield 1;
      yield 2;
      yield await new Promise<number>((resolve) => (release = resolve));
      throw new Error('the source is gone');
    }
    const stream = new CallStream(new ResultStream(slow(), () => undefined), {
      burst: 16,
      isView: false,
    });
    expect(await stream.take(1)).toEqual({ kind: 'fragment', seqno: 1, items: [1, 2] });
    release(3);
    await expect(stream.take(2)).rejects.toThrow('the source is gone');
  });

  it('keeps every chunk of a view readable, the end included', async () => {
    const stream = new CallStream(producer(3).stream, { burst: 2, isView: true });
    const first = await stream.take(1);
    await stream.take(2);
    await stream.take(3);
    expect(await stream.take(1)).toEqual(first);
    expect(await stream.take(3)).toEqual({ kind: 'end', seqno: 3 });
  });

  it('runs the finally of the producer when it is given up', async () => {
    const { state, stream } = producer(100);
    const call = new CallStream(stream, { burst: 10, isView: false });
    await call.take(1);
    await call.dispose();
    expect(state.isFinished).toBe(true);
  });

  it('passes on what the producer throws', async () => {
    function* broken() {
      yield 1;
      throw new Error('the disk is gone');
    }
    const call = new CallStream(new ResultStream(broken(), () => undefined), {
      burst: 1,
      isView: false,
    });
    await call.take(1);
    await expect(call.take(2)).rejects.toThrow('the disk is gone');
  });
});
