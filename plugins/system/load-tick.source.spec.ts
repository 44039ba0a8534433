import { expect, it, vi } from 'vitest';
import { LoadTickSource } from './load-tick.source.js';
import { tickSeconds } from './readers/tick-interval.js';

it.each<[unknown, number | null]>([
  [1, 1],
  [300, 300],
  [0, null],
  [-1, null],
  [301, null],
  [2.5, null],
  [NaN, null],
  ['5', null],
  [null, null],
])('an interval of %j seconds is %j', (value, seconds) => {
  expect(tickSeconds(value)).toBe(seconds);
});

it('ticks as often as the configuration says at each tick, and complains of a bad value once', async () => {
  let interval: unknown = 2;
  const stop = new AbortController();
  const waits: number[] = [];
  const members = {
    configstore: { get: vi.fn(() => Promise.resolve(interval)) },
    dispatcher: { emitEvent: vi.fn() },
    logger: { warn: vi.fn() },
    pause: (ms: number, signal: AbortSignal) => {
      waits.push(ms);
      if (waits.length === 2) interval = 'often';
      if (waits.length === 5) stop.abort();
      signal.throwIfAborted();
      return Promise.resolve();
    },
  };
  const source = Object.assign(new LoadTickSource(), members);
  source.enable('system.load.tick');
  await source.run(stop.signal);
  expect(waits).toEqual([2000, 2000, 5000, 5000, 5000]);
  expect(members.logger.warn).toHaveBeenCalledOnce();
  expect(members.dispatcher.emitEvent).toHaveBeenCalledTimes(4);
  expect(members.dispatcher.emitEvent).toHaveBeenLastCalledWith(
    'system.load.tick',
    expect.objectContaining({ interval_seconds: 5, cpus: expect.any(Array) as unknown }),
  );
});
