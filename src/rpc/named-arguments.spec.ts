import { describe, expect, it } from 'vitest';
import { namesFromSource } from './named-arguments.js';

/* eslint-disable @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-function, @typescript-eslint/require-await -- only the signatures matter */
class Sample {
  none() {}
  two(first: string, second: number) {}
  async later(user: string) {}
  *many(from: number, to: number) {}
  async *stream(source: string) {}
  withDefault(name = 'x') {}
  destructured({ a }: { a: number }) {}
  rest(...all: unknown[]) {}
}

const sample = Sample.prototype;

describe('parameter names read from source', () => {
  it.each([
    ['none', 0, []],
    ['two', 2, ['first', 'second']],
    ['two', 1, ['first']],
    ['later', 1, ['user']],
    ['many', 2, ['from', 'to']],
    ['stream', 1, ['source']],
    ['withDefault', 1, null],
    ['destructured', 1, null],
    ['rest', 1, null],
    ['two', 3, null],
  ] as const)('of %s, the first %i: %j', (method, count, expected) => {
    expect(namesFromSource(sample[method] as () => unknown, count)).toEqual(expected);
  });
});
