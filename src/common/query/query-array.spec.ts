import { describe, expect, it } from 'vitest';
import { type Filter, queryArray, type QueryParams } from './index.js';

const noon = new Date('2024-05-01T12:00:00Z');
const rows = [
  { id: 1, name: 'alpha', size: 30, tags: ['x', 'y'], at: noon, address: { city: 'Oslo' } },
  { id: 2, name: 'beta', size: 10, tags: [], address: { city: null } },
  { id: 3, name: 'gamma', size: 20, tags: ['y'], big: 9007199254740993n, disks: [{ name: 'da0' }] },
  { id: 4, name: null, size: '20', 'a.b': true },
];
const ids = (filter: Filter, params: QueryParams = {}): unknown =>
  queryArray(rows, filter, { select: 'id', ...params });

describe('the operators', () => {
  it.each<[string, Filter, number[]]>([
    ['= compares by value', [['size', '=', 20]], [3]],
    ['!= is the negation of =, so it holds for a missing field', [['big', '!=', 1]], [1, 2, 3, 4]],
    ['= null matches null and missing', [['address.city', '=', null]], [2, 3, 4]],
    ['a number and a bigint of one value are equal', [['size', '=', 10n]], [2]],
    ['integers beyond 2^53 are exact', [['big', '=', 9007199254740992n]], []],
    ['an order holds within one type only', [['size', '>', 10]], [1, 3]],
    ['strings are ordered too', [['size', '>', '10']], [4]],
    ['nothing is less than null', [['name', '<', null]], []],
    ['<= null matches null and missing', [['name', '<=', null]], [4]],
    ['in finds any of the values, null included', [['name', 'in', ['beta', null]]], [2, 4]],
    ['nin is its negation', [['name', 'nin', ['beta', null]]], [1, 3]],
    ['~ searches anywhere in a string', [['name', '~', 'm+']], [3]],
    ['match looks at the whole string', [['name', 'match', '*a']], [1, 2, 3]],
    ['contains looks for an element', [['tags', 'contains', 'y']], [1, 3]],
    ['contains looks for a part of a string', [['name', 'contains', 'et']], [2]],
    ['ncontains is its negation', [['tags', 'ncontains', 'y']], [2, 4]],
    ['arrays are equal element by element', [['tags', '=', ['x', 'y']]], [1]],
    ['objects are equal by their members', [['address', '=', { city: 'Oslo' }]], [1]],
    ['a path reads an element of an array', [['disks.0.name', '=', 'da0']], [3]],
    ['a path does not reach into the elements of an array', [['disks.name', '=', 'da0']], []],
    ['a backslash makes a dot part of the key', [['a\\.b', '=', true]], [4]],
    [
      'dates are compared as instants',
      [['at', '>=', '2024-05-01T14:00:00+02:00', 'timestamp']],
      [1],
    ],
    ['a time without a zone is UTC', [['at', '=', '2024-05-01T12:00:00', 'timestamp']], [1]],
    [
      'or',
      [
        [
          'or',
          [
            ['id', '=', 1],
            ['id', '=', 4],
          ],
        ],
      ],
      [1, 4],
    ],
    [
      'nor',
      [
        [
          'nor',
          [
            ['id', '=', 1],
            ['id', '=', 4],
          ],
        ],
      ],
      [2, 3],
    ],
    ['an empty or lets nothing through', [['or', []]], []],
    ['an empty and lets everything through', [['and', []]], [1, 2, 3, 4]],
    [
      'several conditions must all hold',
      [
        ['size', '>', 5],
        ['tags', 'contains', 'y'],
      ],
      [1, 3],
    ],
    ['no filter lets everything through', null, [1, 2, 3, 4]],
  ])('%s', (_, filter, expected) => {
    expect(ids(filter)).toEqual(expected);
  });

  it('never reads what a row inherits', () => {
    expect(queryArray([{}], [['constructor.name', '=', 'Object']])).toEqual([]);
    expect(queryArray([{}], [['__proto__', '!=', null]])).toEqual([]);
  });
});

describe('the params', () => {
  it('sorts by several keys, each with its direction', () => {
    expect(ids(null, { sort: ['-size', 'name'] })).toEqual([4, 1, 3, 2]);
  });

  it('puts null and missing before numbers, numbers before strings', () => {
    expect(ids(null, { sort: 'big' })).toEqual([1, 2, 4, 3]);
    expect(ids(null, { sort: 'size' })).toEqual([2, 3, 1, 4]);
  });

  it('turns fields without a minus round with dir', () => {
    expect(ids(null, { sort: 'id', dir: 'desc' })).toEqual([4, 3, 2, 1]);
    expect(ids(null, { sort: '-id', dir: 'desc' })).toEqual([4, 3, 2, 1]);
  });

  it('keeps the order of rows that tie, in both directions', () => {
    expect(ids(null, { sort: 'nothing' })).toEqual([1, 2, 3, 4]);
    expect(ids(null, { sort: '-nothing' })).toEqual([1, 2, 3, 4]);
  });

  it('lets arrays, objects and binary data tie, each after its own rank', () => {
    const mixed = [
      { v: [2] },
      { v: { a: 1 } },
      { v: [1] },
      { v: 'z' },
      { v: noon },
      { v: true },
      { v: 7 },
    ];
    expect(queryArray(mixed, null, { sort: 'v', select: 'v' })).toEqual([
      7,
      'z',
      { a: 1 },
      [2],
      [1],
      true,
      noon,
    ]);
  });

  it('sorts strings by code point', () => {
    const texts = [{ v: '\u{1F600}' }, { v: '\uE000' }, { v: 'z' }, { v: 'Z' }, { v: 'é' }];
    expect(queryArray(texts, null, { sort: 'v', select: 'v' })).toEqual([
      'Z',
      'z',
      'é',
      '\uE000',
      '\u{1F600}',
    ]);
  });

  it('applies offset, limit and reverse in this order', () => {
    expect(ids(null, { sort: 'id', offset: 1, limit: 2, reverse: true })).toEqual([3, 2]);
    expect(ids(null, { limit: 0 })).toEqual([]);
    expect(ids(null, { offset: 9 })).toEqual([]);
  });

  it('counts what the filter lets through, whatever offset and limit say', () => {
    expect(queryArray(rows, [['size', '>', 5]], { count: true, offset: 2, limit: 1 })).toBe(3);
  });

  it('returns one row or null with single', () => {
    expect(queryArray(rows, [['id', '=', 2]], { single: true, select: 'name' })).toBe('beta');
    expect(queryArray(rows, [['id', '=', 9]], { single: true })).toBeNull();
    expect(ids(null, { single: true, limit: 2, reverse: true })).toBe(2);
  });

  it('selects scalars with one path and arrays with several', () => {
    expect(queryArray(rows, [['id', '<', 3]], { select: 'address.city' })).toEqual(['Oslo', null]);
    expect(queryArray(rows, [['id', '=', 3]], { select: ['id', 'disks.0.name', 'no'] })).toEqual([
      [3, 'da0', null],
    ]);
  });

  it('excludes before it selects and leaves the source alone', () => {
    const source = [{ id: 1, secret: 'x', deep: { keep: 1, drop: 2 }, list: [1, 2] }];
    expect(queryArray(source, null, { exclude: ['secret', 'deep.drop', 'list.0'] })).toEqual([
      { id: 1, deep: { keep: 1 }, list: [null, 2] },
    ]);
    expect(queryArray(source, null, { exclude: 'secret', select: ['secret'] })).toEqual([[null]]);
    expect(source[0]).toHaveProperty('secret', 'x');
  });

  it('refuses to return more rows than the limit', () => {
    expect(() => queryArray(rows, null, null, { rows: 3 })).toThrow('more than 3 rows');
    expect(queryArray(rows, null, { limit: 3, select: 'id' }, { rows: 3 })).toEqual([1, 2, 3]);
    expect(queryArray(rows, null, { count: true }, { rows: 3 })).toBe(4);
  });
});
