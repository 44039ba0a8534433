import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bounded } from './bounded.js';

const bound = { timeoutMs: 1_000, message: 'too slow' };

describe('bounded', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('gives what the work gives and leaves no timer behind', async () => {
    await expect(bounded(Promise.resolve(1), bound)).resolves.toBe(1);
    await expect(bounded(Promise.reject(new Error('no')), bound)).rejects.toThrow('no');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects when the time is over', async () => {
    const outcome = expect(bounded(new Promise(() => undefined), bound)).rejects.toThrow(
      'too slow',
    );
    vi.advanceTimersByTime(1_000);
    await outcome;
  });
});
