import { expect, it } from 'vitest';
import { cpuRatio, type Round } from './rounds.js';
import { median, percentile, slope } from './statistics.js';

it('takes the middle of an odd number of values and the mean of the two middle ones of an even number', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 1, 2, 4])).toBe(3);
});

it('refuses the median of nothing', () => {
  expect(() => median([])).toThrow(/median/);
});

it.each([
  [0.5, 50],
  [0.99, 99],
  [0.991, 100],
  [1, 100],
])('finds the value that a share of %d does not exceed', (share, expected) => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(percentile(values, share)).toBe(expected);
});

it('refuses the percentile of nothing', () => {
  expect(() => percentile([], 0.5)).toThrow(/percentile/);
});

it('finds what one more costs, whatever the fixed part is', () => {
  expect(
    slope([
      [1, 105],
      [2, 110],
      [4, 120],
    ]),
  ).toBeCloseTo(5);
});

it('refuses a slope over a single x', () => {
  expect(() =>
    slope([
      [1, 1],
      [1, 2],
    ]),
  ).toThrow(/two different x/);
});

it('compares round by round, so that a slow minute that hit both cancels out', () => {
  const round = (cpuMicrosPerOperation: number): Round => ({
    cpuMicrosPerOperation,
    operationsPerSecond: 1,
    busy: 1,
  });
  const reference = [round(10), round(40), round(12)];
  const product = [round(5), round(20), round(4)];
  expect(cpuRatio(reference, product)).toEqual({ median: 2, lowest: 2, highest: 3 });
});
