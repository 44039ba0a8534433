import { describe, expect, it } from 'vitest';
import { Errno, type RpcException } from '../index.js';
import { compilePredicate, parseFilter, parseParams } from './index.js';
import { PatternEffort } from './pattern-effort.js';

function refusal(act: () => unknown): RpcException {
  try {
    act();
  } catch (error) {
    return error as RpcException;
  }
  throw new Error('nothing was refused');
}

const nested = (depth: number): unknown =>
  depth === 1 ? [['a', '=', 1]] : [['and', nested(depth - 1)]];

describe('a filter that cannot be understood', () => {
  it.each<[string, unknown, (string | number)[]]>([
    ['not an array', {}, []],
    ['a condition that is not an array', ['a', '=', 1], [0]],
    ['a condition of one element', [['a']], [0]],
    ['a condition of five elements', [['a', '=', 1, 'timestamp', 1]], [0]],
    ['a field that is no string', [[1, '=', 1]], [0, 0]],
    ['an empty segment', [['a..b', '=', 1]], [0, 0]],
    ['an unknown operator', [['a', '==', 1]], [0, 1]],
    ['an operator of the prototype', [['a', 'constructor', 1]], [0, 1]],
    ['an unknown group', [['not', []]], [0, 0]],
    ['a group without a list', [['or', 'a']], [0, 1]],
    [
      'a fault inside a group',
      [
        [
          'or',
          [
            ['a', '=', 1],
            ['b', '?', 1],
          ],
        ],
      ],
      [0, 1, 1, 1],
    ],
    ['in without an array', [['a', 'in', 1]], [0, 2]],
    ['~ without a string', [['a', '~', 1]], [0, 2]],
    ['a bad regular expression', [['a', '~', '(']], [0, 2]],
    ['a back reference', [['a', '~', '(a)\\1']], [0, 2]],
    ['an unknown conversion', [['a', '=', 1, 'date']], [0, 3]],
    ['a time that is none', [['a', '=', 'noon', 'timestamp']], [0, 2]],
    ['a day that is none', [['a', '=', '2024-02-30T00:00:00Z', 'timestamp']], [0, 2]],
    ['a day that is none, alone', [['a', '>', '2023-02-29', 'timestamp']], [0, 2]],
    ['an hour that is none', [['a', '<', '2024-01-01T24:00:00Z', 'timestamp']], [0, 2]],
    ['an offset that is none', [['a', '=', '2024-01-01T00:00:00+25:00', 'timestamp']], [0, 2]],
    ['a time that is none in a list', [['a', 'in', ['2024-05-01', 5], 'timestamp']], [0, 2, 1]],
  ])('%s is EINVAL with its place', (_, filter, path) => {
    const error = refusal(() => parseFilter(filter));
    expect(error.code).toBe(Errno.EINVAL);
    expect(error.extra).toEqual([expect.objectContaining({ path, code: Errno.EINVAL })]);
  });

  it('may be nested as deep as the limit, no deeper', () => {
    expect(parseFilter(nested(32)).conditions).toHaveLength(1);
    expect(refusal(() => parseFilter(nested(33))).message).toContain('nested too deeply');
    expect(refusal(() => parseFilter(nested(1_000))).code).toBe(Errno.EINVAL);
    expect(() => parseFilter(nested(3), 2)).toThrow('nested too deeply');
  });

  it('may not compare with a value that is nested without end', () => {
    const value = Array.from({ length: 1_000 }).reduce<unknown>((inner) => [inner], 1);
    expect(refusal(() => parseFilter([['a', '=', value]])).message).toContain('too deeply');
  });
});

it('matches an evil expression in linear time', () => {
  const effort = new PatternEffort({ stepsAtOnce: 1_000_000, milliseconds: 10_000 });
  const passes = compilePredicate(parseFilter([['a', '~', '(a+)+$']]), effort);
  expect(passes({ a: `${'a'.repeat(20_000)}!` })).toBe(false);
});

describe('params that cannot be understood', () => {
  it.each<[string, unknown]>([
    ['limit', { limit: -1 }],
    ['offset', { offset: 1.5 }],
    ['single', { single: 'yes' }],
    ['dir', { dir: 'up' }],
    ['sort', { sort: 5 }],
    ['sort', { sort: ['-'] }],
    ['select', { select: [['a']] }],
    ['exclude', { exclude: { a: 1 } }],
    ['callback', { callback: 1 }],
  ])('%s is named in the refusal', (key, params) => {
    const error = refusal(() => parseParams(params));
    expect(error.code).toBe(Errno.EINVAL);
    expect(error.message).toContain(`[${key}]`);
  });

  it('take null for what is not wanted', () => {
    const plan = parseParams({ limit: null, sort: null, single: null, select: null });
    expect(plan).toEqual(parseParams(null));
  });
});
