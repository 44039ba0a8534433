import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringifyExtended } from '../../common/index.js';
import { plainCopy } from './plain-copy.js';

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

/** So much a value takes besides its characters. */
const VALUE_SIZE = 16;
/** Of one character on the wire: `\u0001`. */
const MOST_BYTES = 6;

describe('a plain copy', () => {
  it('has the same text on the wire, and says about how long that is', () => {
    let copies = 0;
    fc.assert(
      fc.property(anything, (value) => {
        const copied = plainCopy(value);
        if (copied === null) return;
        copies += 1;
        const text = stringifyExtended(value);
        expect(stringifyExtended(copied.value)).toBe(text);
        expect(copied.size).toBeLessThanOrEqual(VALUE_SIZE * text.length);
        expect(MOST_BYTES * copied.size).toBeGreaterThanOrEqual(Buffer.byteLength(text));
      }),
    );
    expect(copies).toBeGreaterThan(20);
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
    expect(plainCopy(args)?.value).toEqual(args);
    // nine values, an 'x', and the names of fields
    expect(plainCopy(args)?.size).toBe(
      10 * VALUE_SIZE + 1 + 'id name ids error code at parent'.length - 6,
    );
  });

  it('shares nothing with what it was made of', () => {
    const args = { at: new Date(0), ids: [1], error: { code: 5 } };
    const copied = plainCopy(args);
    args.at.setTime(1);
    args.ids.push(2);
    args.error.code = 6;
    expect(copied?.value).toEqual({ at: new Date(0), ids: [1], error: { code: 5 } });
  });

  it.each([
    ['what JSON has no number for', Number.NaN],
    ['no date', new Date(Number.NaN)],
    ['what a field is left out for', { a: undefined }],
    ['an object with its own form', { toJSON: () => 1 }],
    ['an instance of a class', new (class A {})()],
    ['bytes', Buffer.from('a')],
    ['a bigint', 1n],
    ['what is deep', [[[[[1]]]]]],
  ])('is not made of %s', (_, value) => {
    expect(plainCopy(value)).toBeNull();
  });
});
