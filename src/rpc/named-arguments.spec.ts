import { describe, expect, it } from 'vitest';
import { namesFromSource } from './named-arguments.js';

class Sample {
  none() {
    return [];
  }
  two(first: string, second: number) {
    return [first, second];
  }
  async later(user: string) {
    return Promise.resolve(user);
  }
  *many(from: number, to: number) {
    yield [from, to];
  }
  async *stream(source: string) {
    yield await Promise.resolve(source);
  }
  withDefault(name = 'x') {
    return name;
  }
  destructured({ a }: { a: number }) {
    return a;
  }
  rest(...all: unknown[]) {
    return all;
  }
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
