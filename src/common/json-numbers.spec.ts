import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdsHugeNumber, numberFault, numberFaults } from './json-numbers.js';

const faultIn = (text: string): string | null =>
  holdsHugeNumber(JSON.parse(text)) ? (numberFault(text)?.message ?? null) : null;

describe('the numbers of JSON text', () => {
  it.each(['1e400', '[-1e400]', `[1${'0'.repeat(310)}.0]`, '{"a":{"b":[1.5e309]}}', '[1E+999]'])(
    'are refused past the range of a double: %s',
    (text) => expect(faultIn(text)).toMatch(/^Number .* is larger than/),
  );

  it.each([
    '12345678901234567890',
    '[-9007199254740993]',
    '{"a\\\\":9007199254740992}',
    '["\\"",100000000000000000000]',
  ])('are refused when they are integers past 2^53: %s', (text) =>
    expect(faultIn(text)).toMatch(/^Integer .* is past 2\^53/),
  );

  it.each([
    '9007199254740991',
    '[-9007199254740991, 1.5e300, 1e20, -1E20, 12345678901234567890.5, 5e-400, -0]',
    '{"a":"12345678901234567890","1e400":"1e400"}',
    '["\\"1e400", "\\\\", "\\\\\\"12345678901234567890"]',
  ])('are taken otherwise: %s', (text) => expect(faultIn(text)).toBeNull());

  it('are told apart by the item of the list that they are in', () => {
    const faults = numberFaults(
      '[{"a":[1,2,{"b":1e400}]}, "a,]\\"", 3, [1e999, 1e400], {"x":"1e400"}]',
    );
    expect([...faults.keys()]).toEqual([0, 3]);
    expect(faults.get(3)?.message).toContain('1e999');
  });

  it('are found wherever a huge one is written, and in no string', () => {
    fc.assert(
      fc.property(fc.json(), fc.boolean(), (json, isNumber) => {
        const huge = isNumber ? '1e400' : '"1e400"';
        const isFaulty = isNumber || faultIn(json) !== null;
        expect(faultIn(`[${json},{"k\\"":${huge}},${json}]`) !== null).toBe(isFaulty);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are not looked for deeper than values may be, nor does the search fail there', () => {
    const deep = JSON.parse(`${'['.repeat(5_000)}1e400${']'.repeat(5_000)}`) as unknown;
    expect(holdsHugeNumber(deep)).toBe(false);
  });
});
