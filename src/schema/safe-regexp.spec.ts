import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileSafe } from './safe-regexp.js';

describe('compileSafe', () => {
  it.each([
    ['^[a-z][a-z0-9-]*$', ['abc', 'a-1'], ['1a', '', 'A']],
    ['^(?:[a-z]+\\.)+[a-z]{2,}$', ['a.bc', 'a.b.cd'], ['a', 'a.b']],
    ['\\s', [' ', '\u00a0', '\u2028', '\ufeff', '\v'], ['x', '']],
    ['^[^\\s]+$', ['x'], ['x\u00a0']],
    ['^(.|x)$', ['a', '\u{1f600}'], ['\n', '\r', '\u2028']],
    ['^(?:\\u0041|[[.])$', ['A', '[', '.'], ['b']],
    ['(?<year>\\d{4})-', ['2020-'], ['20-']],
    ['^\\p{L}+(?:x)$', ['\u00e9x'], ['1x']],
    ['a$', ['ba'], ['a\n']],
  ])('%s means what it means in JavaScript', (pattern, matching, others) => {
    const expression = compileSafe(pattern);
    expect(matching.filter((text) => !expression.test(text))).toEqual([]);
    expect(others.filter((text) => expression.test(text))).toEqual([]);
  });

  it('agrees with the native engine on arbitrary text', () => {
    const patterns = ['^(?:\\w+\\s?)+$', '(?:a|b.)*c', '[^a-c\\s]+x', '^.{1,3}(?:y|z)$'];
    fc.assert(
      fc.property(
        fc.constantFrom(...patterns),
        fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'x', 'y', ' ', '\n', '\u2028', '_') }),
        (pattern, text) => {
          expect(compileSafe(pattern).test(text)).toBe(new RegExp(pattern, 'u').test(text));
        },
      ),
    );
  });

  it('takes linear time where backtracking would take for ever', () => {
    const hostile = 'a'.repeat(50_000);
    for (const pattern of ['^(a+)+$', '(a*)*b', '^(a|aa)+$', 'a+b', 'a*a*a*b']) {
      // a backtracking engine does not come back from the first of these
      expect(compileSafe(pattern).test(`${hostile}!`)).toBe(false);
    }
  });

  it.each(['(?=a)', '(?!a)', '(?<=a)b', '(a)\\1', '[]', '[^]', '[\\S]', '(', '(?i)a'])(
    'refuses %s rather than give it another meaning',
    (pattern) => {
      expect(() => compileSafe(pattern)).toThrow();
    },
  );
});
