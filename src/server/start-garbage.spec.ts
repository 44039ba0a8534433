import { getHeapStatistics } from 'node:v8';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { collectStartGarbage } from './start-garbage.js';

const A_WHILE_MS = 6_000;

describe('what the start has left', () => {
  const collect = vi.fn();

  beforeEach(() => {
    collect.mockClear();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('is collected in the first quiet moments, and then no more', () => {
    let share = 0.5;
    collectStartGarbage({ collect, busyShare: () => share });
    vi.advanceTimersByTime(10 * A_WHILE_MS);
    expect(collect).not.toHaveBeenCalled();
    share = 0.01;
    vi.advanceTimersByTime(A_WHILE_MS);
    expect(collect).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(10 * A_WHILE_MS);
    expect(collect).toHaveBeenCalledTimes(2);
  });

  it('is left alone while the event loop is busy', () => {
    collectStartGarbage({ collect });
    const until = performance.now() + 50;
    while (performance.now() < until);
    vi.advanceTimersByTime(A_WHILE_MS);
    expect(collect).not.toHaveBeenCalled();
  });

  it('is gone afterwards', () => {
    const rubbish = new Set(Array.from({ length: 200_000 }, (_, i) => ({ i })));
    const before = getHeapStatistics().used_heap_size;
    rubbish.clear();
    collectStartGarbage({ busyShare: () => 0 });
    vi.advanceTimersByTime(A_WHILE_MS);
    expect(getHeapStatistics().used_heap_size).toBeLessThan(before - 4_000_000);
  });
});
