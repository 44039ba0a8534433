import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareStrings } from '../common/query/index.js';
import { fixedPrefix, prefixEnd } from './prefix-range.js';

it.each([
  ['ab', 'ac'],
  ['\uD7FF', '\uE000'],
  ['a\u{10FFFF}', 'b'],
  ['\u{10FFFF}', null],
  ['', null],
])('the range of %j ends before %j', (prefix, end) => {
  expect(prefixEnd(prefix)).toBe(end);
});

it('holds every text with the prefix and no other', () => {
  const text = fc.string({ unit: 'binary', maxLength: 4 });
  fc.assert(
    fc.property(text, text, (prefix, other) => {
      const end = prefixEnd(prefix);
      const isInside =
        compareStrings(other, prefix) >= 0 && (end === null || compareStrings(other, end) < 0);
      expect(isInside).toBe(other.startsWith(prefix));
    }),
  );
});

it.each([
  ['abc', 'abc'],
  ['ab*c', 'ab'],
  ['[ab]c', ''],
  ['a?', 'a'],
])('the glob %s begins with %j', (glob, prefix) => {
  expect(fixedPrefix(glob)).toBe(prefix);
});
