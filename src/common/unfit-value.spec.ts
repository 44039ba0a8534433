import { describe, expect, it } from 'vitest';
import { stringifyExtended } from './extended-values.js';
import { describeUnfit } from './unfit-value.js';

describe('a value that JSON would make null of', () => {
  it.each<[string, unknown, string]>([
    ['a number', Number.NaN, 'NaN has'],
    ['in a list', [1, [Number.POSITIVE_INFINITY]], 'Infinity at 1.0 has'],
    [
      'in an object',
      { rows: [{ size: Number.NEGATIVE_INFINITY }] },
      '-Infinity at rows.0.size has',
    ],
    ['in a Map', { a: new Map([['b', Number.NaN]]) }, 'NaN at a.b has'],
    ['in a Set', new Set([1, Number.NaN]), 'NaN at 1 has'],
    ['in what toJSON gives', { a: { toJSON: () => ({ b: [Number.NaN] }) } }, 'NaN at a.b.0 has'],
    ['a date that is none', { at: new Date(Number.NaN) }, 'Invalid Date at at has'],
  ])('%s is refused with its place', (_, value, text) => {
    expect(() => stringifyExtended(value)).toThrow(text);
  });

  it('is not seen in bytes, dates and numbers as they should be', () => {
    const value = { a: Buffer.from([1]), b: new Date(0), c: [1.5e300, -0, 1n], d: null };
    expect(describeUnfit(value)).toBeNull();
    expect(stringifyExtended(value)).toContain('"c":[1.5e+300,0,{"$long":"1"}]');
  });
});
