import { describe, expect, it } from 'vitest';
import { Errno } from '../errno.js';
import type { RpcException } from '../errors.js';
import { assertAffordable, DEFAULT_QUERY_LIMITS, queryArray } from './index.js';
import { patternSize } from './pattern-size.js';

const many = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const equals = ['a', '=', 1] as const;
const judge = (filter: unknown, params: unknown = null) =>
  assertAffordable(filter, params, DEFAULT_QUERY_LIMITS);

function refusal(act: () => unknown): RpcException {
  try {
    act();
  } catch (error) {
    return error as RpcException;
  }
  throw new Error('nothing was refused');
}

describe('a query past a limit', () => {
  it.each<[string, unknown, unknown?]>([
    ['query-conditions', many(1_001, equals)],
    [
      'query-conditions',
      [
        ['or', many(600, equals)],
        ['nor', many(399, equals)],
      ],
    ],
    ['query-values', [['a', 'in', many(10_001, 1)]]],
    [
      'query-values',
      [
        ['a', 'in', many(6_000, 1)],
        ['or', [['b', 'nin', many(6_000, 'x')]]],
      ],
    ],
    ['query-values', [['a', 'in', [many(9_999, 1), 2, 3]]]],
    ['query-values', [['a', '=', many(10_001, 1)]]],
    ['query-values', [['a', '!=', { list: many(10_001, 1) }]]],
    ['query-values', many(11, ['a', 'contains', many(1_000, 'x')])],
    ['query-patterns', many(65, ['a', '~', 'a'])],
    ['query-patterns', [...many(40, ['a', '~', 'a']), ...many(25, ['a', 'match', 'a'])]],
    ['query-pattern-characters', [['a', '~', 'a'.repeat(4_097)]]],
    ['query-pattern-characters', many(60, ['a', 'match', 'a'.repeat(69)])],
    ['query-pattern-characters', [['a', 'contains', 'a'.repeat(4_200)]]],
    ['query-sort-fields', null, { sort: many(17, 'a') }],
    ['query-select-fields', null, { select: many(257, 'a') }],
    ['query-select-fields', null, { exclude: many(257, 'a') }],
  ])('%s is EINVAL that names it', (name, filter, params = null) => {
    const error = refusal(() => judge(filter, params));
    expect(error.code).toBe(Errno.EINVAL);
    expect(error.message).toContain(`limit ${name}`);
  });

  it.each<[string, string]>([
    ['a large repetition', '(?i)\\p{L}{1,900}z0$'],
    ['a small one of a small one', '(?:(?:\\p{L}{1,100}){1,10})'],
    ['ranges of Unicode whatever their case', '(?i)[B-\\x{1e942}][B-\\x{1e942}]'],
    ['many classes of Unicode', `(?i)${'\\PL'.repeat(60)}`],
    ['groups without end', `${'('.repeat(1_500)}a${')'.repeat(1_500)}`],
  ])('of expressions is refused before they are compiled: %s', (_, pattern) => {
    const error = refusal(() => judge([['a', '~', pattern]]));
    expect(error.code).toBe(Errno.EINVAL);
    expect(error.message).toContain('steps');
  });

  it('of all expressions together is refused', () => {
    const error = refusal(() => judge(many(64, ['a', '~', 'a{1,60}$'])));
    expect(error.message).toContain('patterns of the query');
  });
});

describe('the path of a field', () => {
  const refused = (path: string) => refusal(() => queryArray([], [[path, '=', 1]] as never));

  it.each([['a'.repeat(1_025)], ['\\a'.repeat(2_000_000)], ['.'.repeat(1_025)]])(
    'is limited in characters before it is taken apart (%#)',
    (path) => {
      expect(refused(path)).toMatchObject({ code: Errno.EINVAL });
      expect(refused(path).message).toContain('1024 characters');
    },
  );

  it('is repeated by its beginning only', () => {
    expect(refused(`${'a'.repeat(1_000)}..`).message.length).toBeLessThan(300);
    expect(refused('a..b').message).toContain("'a..b'");
  });

  it('takes what follows a backslash as it is', () => {
    const row = { 'a.b\\': { '\n\\': 1 } };
    expect(queryArray([row], null, { select: 'a\\.b\\\\.\\\n\\' })).toEqual([1]);
  });
});

it('compares a large object with many rows by their sizes first', () => {
  const large = Object.fromEntries(Array.from({ length: 9_000 }, (_, n) => [`key${n}`, n]));
  const rows = many(3_000, { v: { key1: 1 } });
  const startMs = performance.now();
  const filter = [['v', '=', large]] as never;
  expect(queryArray([...rows, { v: { ...large, gone: undefined } }], filter, { count: true })).toBe(
    1,
  );
  expect(performance.now() - startMs).toBeLessThan(1_500);
});

describe('a query at the limits', () => {
  it('is answered', () => {
    const filter = [
      ['or', [...many(934, equals), ...many(64, ['a', '~', 'x'.repeat(64)])]],
      ['b', 'nin', many(10_000, 'x')],
    ] as never;
    const params = { sort: many(16, 'a'), select: many(256, 'a'), exclude: many(256, 'c') };
    expect(queryArray([{ a: 1 }, { a: 2 }], filter, params)).toEqual([many(256, 1)]);
  });

  it('is malformed for all that is judged here: that is told by whoever parses it', () => {
    for (const filter of [5, 'x', {}, [5], [[]], [['or']], [['or', 5]], [['a', 'in', 5]]])
      expect(() => judge(filter, { sort: 5, select: {} })).not.toThrow();
    expect(() => judge(null, 5)).not.toThrow();
  });
});

describe('the size of an expression', () => {
  it.each<[string, number]>([
    ['abc', 3],
    ['a{1,900}', 1_799],
    ['a{3}', 4],
    ['a{2,}', 3],
    ['(?:ab){10}', 41],
    ['[a-z\\]]+', 2],
    ['[]a]', 1],
    ['\\Qa{9}\\E', 9],
    ['a|b', 3],
    ['(?i)a', 1],
    ['\\x{41}b', 2],
    ['a{x}', 4],
  ])('%s is about %i', (pattern, size) => {
    expect(patternSize(pattern)).toBeLessThanOrEqual(size + 4);
    expect(patternSize(pattern)).toBeGreaterThanOrEqual(size - 1);
  });
});

it('gives up a slow expression over long texts instead of holding up everybody', () => {
  let seed = 1;
  const letter = (): string => ((seed = (seed * 48_271) % 2_147_483_647) % 2 === 0 ? 'a' : 'b');
  const text = Array.from({ length: 1_000 }, letter).join(''); // without a period: no state comes twice
  const rows = many(20_000, { text });
  const filter = [['text', '~', '[ab]*a[ab]{400}c?$']] as never;
  const startMs = performance.now();
  expect(refusal(() => queryArray(rows, filter)).code).toBe(Errno.EOVERFLOW);
  expect(performance.now() - startMs).toBeLessThan(2_000);
});

it('gives up slow masks over long texts, too, and is fast where a mask only holds pieces of text', () => {
  const rows = many(2_000, { text: 'a'.repeat(1_024) });
  const slow = many(8, ['text', 'match', `*${'a'.repeat(250)}?${'a'.repeat(249)}b?*0`]);
  const fast = many(8, ['text', 'match', `*${'a'.repeat(500)}b0`]);
  const count = (conditions: unknown) =>
    queryArray(rows, [['nor', conditions]] as never, { count: true });
  const startMs = performance.now();
  expect(refusal(() => count(slow)).code).toBe(Errno.EOVERFLOW);
  expect(count(fast)).toBe(2_000);
  expect(performance.now() - startMs).toBeLessThan(1_000);
});

it('holds masks of many stars against a text in a fraction of a second', () => {
  const filter = [['or', many(62, ['text', 'match', `${'*?'.repeat(32)}0`])]];
  const rows = many(30, { text: 'a'.repeat(200) });
  const startMs = performance.now();
  expect(queryArray(rows, filter as never, { count: true })).toBe(0);
  expect(performance.now() - startMs).toBeLessThan(300);
});

it('finds a value in a list of thousands without holding it against each', () => {
  const values = Array.from({ length: 2_400 }, (_, n) => ({ n, deep: [n] }));
  const rows = Array.from({ length: 2_000 }, (_, n) => ({ v: { deep: [n], n } }));
  const startMs = performance.now();
  expect(queryArray(rows, [['v', 'in', values]] as never, { count: true })).toBe(2_000);
  expect(performance.now() - startMs).toBeLessThan(1_000);
});
