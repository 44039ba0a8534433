import { memorySettings } from 'dispatcher/testing';
import { expect, it, vi } from 'vitest';
import { LoadTickSource } from './load-tick.source.js';
import { LoadSettings } from './system.settings.js';

it.each<[unknown, boolean]>([
  [1, true],
  [300, true],
  [0, false],
  [-1, false],
  [301, false],
  [2.5, false],
  [NaN, false],
  ['5', false],
  [null, false],
])('an interval of %j seconds can be set: %s', async (value, isFit) => {
  const interval = value as number;
  const setting = memorySettings(LoadSettings, { interval });
  if (isFit) expect((await setting).value).toEqual({ interval });
  else await expect(setting).rejects.toThrow('Setting system.load.interval');
});

it('ticks as often as the setting says at each tick', async () => {
  const settings = await memorySettings(LoadSettings, { interval: 2 });
  const stop = new AbortController();
  const waits: number[] = [];
  const members = {
    dispatcher: { emitEvent: vi.fn() },
    pause: (ms: number, signal: AbortSignal) => {
      waits.push(ms);
      if (waits.length === 2) settings.set({ interval: 5 });
      if (waits.length === 4) stop.abort();
      signal.throwIfAborted();
      return Promise.resolve();
    },
  };
  const source = Object.assign(new LoadTickSource(settings), members);
  source.enable('system.load.tick');
  await source.run(stop.signal);
  expect(waits).toEqual([2000, 2000, 5000, 5000]);
  expect(members.dispatcher.emitEvent).toHaveBeenLastCalledWith(
    'system.load.tick',
    expect.objectContaining({ interval_seconds: 5, cpus: expect.any(Array) as unknown }),
  );
});
