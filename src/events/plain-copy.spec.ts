import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringifyExtended } from '../common/index.js';
import { measuredCopy } from './measured-copy.js';

const bytesOf = (value: unknown): number => Buffer.byteLength(stringifyExtended(value));

const leaf = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.date(),
  fc.date({ min: new Date('0000-01-01T00:00:00.000Z'), max: new Date('9999-12-31T23:59:59.999Z') }),
);
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
  ),
}));

describe('a measured copy', () => {
  it('says how long the text on the wire will be, to the byte, and has the same text', () => {
    let measured = 0;
    fc.assert(
      fc.property(anything, (value) => {
        const copied = measuredCopy(value);
        if (copied === null) return;
        measured += 1;
        expect(copied.bytes).toBe(bytesOf(value));
        expect(stringifyExtended(copied.value)).toBe(stringifyExtended(value));
      }),
    );
    expect(measured).toBeGreaterThan(20);
  });

  it('is made of what events of the server consist of', () => {
    const args = {
      id: 7,
      name: 'x',
      ids: [1, 2],
      error: { code: 5 },
      at: new Date(),
      parent: null,
    };
    expect(measuredCopy(args)).toEqual({ value: args, bytes: bytesOf(args) });
  });

  it('shares nothing with what it was made of', () => {
    const args = { at: new Date(0), ids: [1], error: { code: 5 } };
    const copied = measuredCopy(args);
    args.at.setTime(1);
    args.ids.push(2);
    args.error.code = 6;
    expect(copied?.value).toEqual({ at: new Date(0), ids: [1], error: { code: 5 } });
  });

  it.each([
    ['text that JSON writes in another way', '"'],
    ['text that is longer in UTF-8', 'ä'],
    ['a key of that kind', { ä: 1 }],
    ['what JSON has no number for', Number.NaN],
    ['a date with more digits', new Date(8.64e15)],
    ['no date', new Date(Number.NaN)],
    ['what a field is left out for', { a: undefined }],
    ['an object with its own form', { toJSON: () => 1 }],
    ['an instance of a class', new (class A {})()],
    ['bytes', Buffer.from('a')],
    ['a bigint', 1n],
    ['what is deep', [[[[[1]]]]]],
  ])('is not made of %s', (_, value) => {
    expect(measuredCopy(value)).toBeNull();
  });
});
