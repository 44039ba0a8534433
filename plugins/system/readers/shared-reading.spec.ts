import { describe, expect, it } from 'vitest';
import { SharedReading } from './shared-reading.js';

function countedReading(maxAgeMs: number) {
  const state = { taken: 0, nowMs: 0 };
  const reading = new SharedReading(
    () => Promise.resolve(++state.taken),
    maxAgeMs,
    () => state.nowMs,
  );
  return { state, reading };
}

describe('a shared reading', () => {
  it('is taken once for callers that ask at the same time', async () => {
    const { reading } = countedReading(0);
    expect(await Promise.all([reading.get(), reading.get(), reading.get()])).toEqual([1, 1, 1]);
  });

  it('answers from the last one until that is too old', async () => {
    const { state, reading } = countedReading(100);
    await reading.get();
    state.nowMs = 99;
    expect(await reading.get()).toBe(1);
    state.nowMs = 100;
    expect(await reading.get()).toBe(2);
  });

  it('is taken again after one that failed', async () => {
    let attempts = 0;
    const reading = new SharedReading(
      () => (++attempts === 1 ? Promise.reject(new Error('not yet')) : Promise.resolve('read')),
      Infinity,
    );
    await expect(reading.get()).rejects.toThrow('not yet');
    expect(await reading.get()).toBe('read');
  });
});
