import { describe, expect, it } from 'vitest';
import { toCpuLoad } from './load.reader.js';

describe('the load of the processors', () => {
  const before = new Map([
    ['cpu', { busyTicks: 0, totalTicks: 200 }],
    ['cpu0', { busyTicks: 0, totalTicks: 100 }],
  ]);
  const after = new Map([
    ['cpu', { busyTicks: 50, totalTicks: 400 }],
    ['cpu0', { busyTicks: 10, totalTicks: 200 }],
    ['cpu1', { busyTicks: 40, totalTicks: 100 }],
  ]);

  it('is told for all together and for each, one that was switched on meanwhile included', () => {
    expect(toCpuLoad(before, after)).toEqual({
      busy_percent: 25,
      cpus: [
        { name: 'cpu0', busy_percent: 10 },
        { name: 'cpu1', busy_percent: 40 },
      ],
    });
  });

  it('is nothing where the kernel tells nothing', () => {
    expect(toCpuLoad(before, new Map())).toEqual({ busy_percent: 0, cpus: [] });
  });
});
