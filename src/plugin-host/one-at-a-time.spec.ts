import { afterEach, describe, expect, it, vi } from 'vitest';
import { oneAtATime } from './one-at-a-time.js';

afterEach(() => {
  vi.useRealTimers();
});

describe('oneAtATime', () => {
  it('hands over the next event when the handler has settled, also when it failed', async () => {
    const log: string[] = [];
    const handler = oneAtATime(async (_, name) => {
      log.push(`${name} begins`);
      await new Promise(setImmediate);
      log.push(`${name} ends`);
      if (name === 'a') throw new Error('refused');
    }, 'Handler');
    const outcomes = await Promise.allSettled([handler({}, 'a'), handler({}, 'b')]);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('hands over at once, and without a promise, what finds the handler idle', () => {
    const seen = vi.fn();
    const handler = oneAtATime(seen, 'Handler');
    expect(handler({}, 'a')).toBeUndefined();
    expect(seen).toHaveBeenCalledOnce();
  });

  it('goes on after half a minute with a handler that never settles, and names it', async () => {
    vi.useFakeTimers();
    const begun: string[] = [];
    const handler = oneAtATime((_, name) => {
      begun.push(name);
      return new Promise(() => undefined);
    }, 'Handler of plugin slow for x');
    const outcomes = [handler({}, 'a'), handler({}, 'b')].map((outcome) =>
      Promise.resolve(outcome).catch((error: unknown) => String(error)),
    );
    await vi.advanceTimersByTimeAsync(29_999);
    expect(begun).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toEqual(['a', 'b']);
    const message = expect.stringContaining(
      'Handler of plugin slow for x did not settle within 30 s',
    ) as string;
    expect(await Promise.all(outcomes)).toEqual([message, message]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('refuses what a handler could not catch up with', () => {
    vi.useFakeTimers();
    const handler = oneAtATime(() => new Promise(() => undefined), 'Handler');
    const hand = (): void => {
      for (let i = 0; i < 10_001; i += 1) Promise.resolve(handler({}, 'a')).catch(() => undefined);
    };
    expect(hand).toThrow('10000 events to catch up with');
  });
});
