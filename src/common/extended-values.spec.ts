import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RpcException } from './errors.js';
import {
  decodeExtended,
  encodeExtended,
  Password,
  stringifyExtended,
  stringifyWithSecrets,
  wireCopy,
} from './extended-values.js';

const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
    fc.boolean(),
    fc.constant(null),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 70n }),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value')),
    fc.dictionary(
      fc.string().map((key) => `k${key}`),
      tie('value'),
      { noNullPrototype: true },
    ),
  ),
})).value;

describe('extended values', () => {
  it('come back from the wire as they were', () => {
    fc.assert(
      fc.property(value, (original) => {
        expect(decodeExtended(JSON.parse(stringifyExtended(original)))).toEqual(original);
      }),
    );
  });

  it('cost nothing where there are none: the same object is passed on', () => {
    const plain = { a: [1, { b: 'c' }], d: null };
    expect(encodeExtended(plain)).toBe(plain);
  });

  it('are only objects with exactly that one key', () => {
    const two = { $date: '2026-01-01T00:00:00Z', other: 1 };
    expect(decodeExtended({ ...two })).toEqual(two);
  });

  it.each([
    [{ $date: 'yesterday' }],
    [{ $date: 5 }],
    [{ $date: '1' }],
    [{ $date: '2026-01-01' }],
    [{ $date: '2026-01-01T00:00:00' }],
    [{ $date: '2026-02-30T00:00:00Z' }],
    [{ $date: 'Thu, 01 Jan 2026 00:00:00 GMT' }],
    [{ $binary: '***' }],
    [{ $binary: 'A' }],
    [{ $binary: 'AAAAA' }],
    [{ $binary: 'AAA==' }],
    [{ $binary: 'AA=' }],
    [{ $binary: '=' }],
    [{ $binary: 'AAAA=' }],
    [{ $binary: 'AB==' }],
    [{ $binary: 'AB' }],
    [{ $binary: 'AAB=' }],
    [{ $long: '1.5' }],
    [{ $long: 12 }],
    [{ $password: 1 }],
  ])('refuse %j by name', (malformed) => {
    expect(() => decodeExtended([malformed])).toThrow(/Invalid \$\w+ value/);
  });

  it.each([
    ['2026-01-01T02:00:00+02:00', '2026-01-01T00:00:00.000Z'],
    ['2025-12-31T19:00:00.123456-05:00', '2026-01-01T00:00:00.123Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('read the date-time %s', (text, expected) => {
    expect((decodeExtended({ $date: text }) as Date).toISOString()).toBe(expected);
  });

  it('refuse a nesting without end instead of overflowing', () => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown;
    expect(() => decodeExtended(deep)).toThrow(RpcException);
    expect(() => stringifyExtended(deep)).toThrow(RangeError); // nothing the caller did
  });

  it('leave the prototype alone when a key is named __proto__', () => {
    const decoded = decodeExtended(JSON.parse('{"__proto__":{"$long":"1"},"a":1}')) as object;
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(decoded, '__proto__')?.value).toBe(1n);
  });
});

describe('a password', () => {
  const password = new Password('hunter2');

  it('shows itself to nobody but who asks for it', () => {
    const texts = [
      String(password),
      JSON.stringify({ password }),
      inspect({ password }),
      stringifyExtended([password, 1n]),
    ];
    for (const text of texts) expect(text).not.toContain('hunter2');
    expect(password.reveal()).toBe('hunter2');
  });

  it('is readable only in the text made for its receiver, where all else is as in any other', () => {
    const given = { keys: [password], at: new Date(0) };
    expect(JSON.parse(stringifyWithSecrets(given))).toEqual({
      keys: [{ $password: 'hunter2' }],
      at: { $date: '1970-01-01T00:00:00.000Z' },
    });
    expect(given.keys[0]).toBe(password);
    fc.assert(
      fc.property(value, (plain) => {
        expect(stringifyWithSecrets(plain)).toBe(stringifyExtended(plain));
      }),
    );
  });
});

describe('a copy as the other end of the wire gets it', () => {
  const odd = fc.oneof(
    fc.anything({ withDate: true, withMap: true, withSet: true, withBigInt: true }),
    fc.constantFrom<unknown>(-0, undefined, Symbol('s'), () => 1, new Date(Number.NaN)),
    fc.string().map((secret) => new Password(secret)),
    fc.anything().map((form) => ({ toJSON: () => form })),
    fc.anything().map((form) => Object.assign([1], { toJSON: () => form })),
    fc.anything().map(
      (field) =>
        new (class Instance {
          field = field;
        })(),
    ),
    fc.record({ $date: fc.constant('2026-01-02T03:04:05Z'), other: fc.constant(undefined) }),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      value,
      odd,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('tree'), { maxKeys: 3 }),
    ),
  }));

  it('is what the way through text makes of a value, or fails where that does', () => {
    const outcomeOf = (work: () => unknown): unknown => {
      try {
        return { result: work() };
      } catch {
        return 'failed';
      }
    };
    fc.assert(
      fc.property(tree, (original) => {
        expect(outcomeOf(() => wireCopy(original))).toStrictEqual(
          outcomeOf(() => decodeExtended(JSON.parse(stringifyExtended(original)))),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('shares nothing with the value', () => {
    const original = { list: [{ a: 1 }] };
    const copied = wireCopy(original);
    original.list[0]!.a = 2;
    expect(copied).toEqual({ list: [{ a: 1 }] });
  });

  it('fails for a value that has no end', () => {
    const endless: unknown[] = [];
    endless.push({ endless });
    expect(() => wireCopy(endless)).toThrow(RangeError);
  });
});
