import { describe, expect, it } from 'vitest';
import type { MethodHandler } from './method-handler.js';
import { namesFromSource, toPositional } from './named-arguments.js';

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

describe('names that a method does not know', () => {
  const handler = {
    service: 'a',
    name: 'b',
    parameterNames: ['known'],
  } as unknown as MethodHandler;
  const refusal = (count: number): unknown[] => {
    const named = Array.from({ length: count }, (_, index) => [`n${index}`, index] as const);
    try {
      toPositional(handler, Object.fromEntries(named));
    } catch (error) {
      return (error as { extra: unknown[] }).extra;
    }
    return [];
  };

  it('are all named up to a hundred', () => {
    expect(refusal(100)).toHaveLength(100);
    expect(refusal(100).at(-1)).toMatchObject({ path: ['n99'] });
  });

  it('are a number from there on, so that the answer stays small', () => {
    expect(refusal(50_000)).toHaveLength(101);
    expect(refusal(50_000).at(-1)).toEqual({
      path: [],
      message: '49900 more names are not arguments either',
      code: 22,
    });
  });
});
