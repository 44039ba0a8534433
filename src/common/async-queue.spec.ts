import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { AsyncQueue } from './async-queue.js';

async function collect<T>(queue: AsyncQueue<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

describe('AsyncQueue', () => {
  it('gives everything once and in order, however pushes and reads alternate', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('push', 'turn')), async (steps) => {
        const queue = new AsyncQueue<number>();
        const reading = collect(queue);
        let pushed = 0;
        for (const step of steps) {
          if (step === 'push') queue.push((pushed += 1));
          else await Promise.resolve();
        }
        queue.end();
        expect(await reading).toEqual(Array.from({ length: pushed }, (_, index) => index + 1));
      }),
    );
  });

  it('takes no more than its bound, and says so', async () => {
    const queue = new AsyncQueue<number>(2);
    expect([1, 2, 3].map((item) => queue.push(item))).toEqual([true, true, false]);
    expect(await queue.next()).toBe(1);
    expect(queue.push(4)).toBe(true);
    expect(await queue.take()).toEqual([2, 4]);
  });

  it('wakes a reader that waits, one item and all', async () => {
    const queue = new AsyncQueue<string>();
    const next = queue.next();
    queue.push('a');
    expect(await next).toBe('a');
    const all = queue.take();
    queue.push('b');
    queue.push('c');
    expect(await all).toEqual(['b', 'c']);
  });

  it('gives what waits before its end, and takes nothing after it', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.end();
    expect(queue.push(2)).toBe(false);
    expect(await collect(queue)).toEqual([1]);
    expect(await queue.next()).toBeUndefined();
    expect(await queue.take()).toEqual([]);
  });

  it('ends with an error after what waits', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.end(new Error('gone'));
    queue.end(new Error('again'));
    expect(await queue.next()).toBe(1);
    await expect(queue.next()).rejects.toThrow('gone');
    await expect(queue.take()).rejects.toThrow('gone');
  });

  it('drops what waits when it fails, and wakes who waits', async () => {
    const queue = new AsyncQueue<number>();
    const waiting = queue.next();
    queue.fail(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    const other = new AsyncQueue<number>();
    other.push(1);
    other.fail(new Error('gone'));
    await expect(collect(other)).rejects.toThrow('gone');
  });

  it('lets what waits be revised', async () => {
    const queue = new AsyncQueue<number>();
    [1, 2, 3].forEach((item) => queue.push(item));
    queue.revise((waiting) => waiting.filter((item) => item !== 2));
    expect(await queue.take()).toEqual([1, 3]);
  });
});
