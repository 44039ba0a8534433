import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMultipleOf } from './multiple-of.js';

describe('isMultipleOf', () => {
  it.each<[number | bigint, number]>([
    [19.99, 0.01],
    [1.15, 0.01],
    [0.07, 0.01],
    [-19.99, 0.01],
    [0, 0.01],
    [-0, 0.01],
    [0.3, 0.1],
    [0.1, 1e-7],
    [1e21, 0.01],
    [1e21, 1e20],
    [1.5e300, 1e-300],
    [1125899906842625.5, 0.5],
    [9007199254740991, 1],
    [12345678901234567890n, 10],
    [-(10n ** 39n), 0.25],
    [1e-7, 1e-7],
    [5e-324, 5e-324],
    [33.33, 11.11],
  ])('%s is a multiple of %s', (value, divisor) => {
    expect(isMultipleOf(value, divisor)).toBe(true);
  });

  it.each<[number | bigint, number]>([
    [19.995, 0.01],
    [0.001, 0.01],
    [19.990000000000002, 0.01],
    [1e-8, 1e-7],
    [1e21, 7],
    [0.1, 0.3],
    [12345678901234567891n, 10],
    [7, 2],
    [2.5, 2],
    [5e-324, 1],
    [Number.POSITIVE_INFINITY, 1],
    [Number.NaN, 1],
  ])('%s is no multiple of %s', (value, divisor) => {
    expect(isMultipleOf(value, divisor)).toBe(false);
  });

  it('takes every price for a number of cents, and none between two', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), (cents) => {
        const sign = cents < 0 ? '-' : '';
        const units = Math.floor(Math.abs(cents) / 100);
        const rest = String(Math.abs(cents) % 100).padStart(2, '0');
        expect(isMultipleOf(Number(`${sign}${units}.${rest}`), 0.01)).toBe(true);
        expect(isMultipleOf(Number(`${sign}${units}.${rest}5`), 0.01)).toBe(false);
      }),
    );
  });
});
