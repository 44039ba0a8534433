import { describe, expect, it } from 'vitest';
import { UsageError } from '../exit-status.js';
import { readArguments } from './argument-words.js';
import { bindArguments, type Signature } from './bind.js';

const USER = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    age: { type: 'integer' },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['name'],
};

async function bound(words: readonly string[], signature: Partial<Signature>) {
  const written = readArguments(words);
  if (written.kind === 'whole') return written.args;
  const whole: Signature = {
    what: 'x.y',
    parameters: null,
    items: null,
    definitions: {},
    ...signature,
  };
  return (await bindArguments(written.words, whole)).args;
}

describe('arguments', () => {
  const two = { parameters: ['a', 'b'], items: [{ type: 'integer' }, { type: 'string' }] };

  it.each<[string, readonly string[], Partial<Signature>, unknown]>([
    ['by position', ['1', '2'], two, [1, '2']],
    ['by name', ['b=2', 'a=1'], two, [1, '2']],
    ['first by position, then by name', ['1', 'b=2'], two, [1, '2']],
    ['by name with a hole', ['b=2'], two, { b: '2' }],
    [
      'as properties of the one object',
      ['name=7', 'age=7'],
      { items: [USER] },
      [{ name: '7', age: 7 }],
    ],
    [
      'as properties of the object that comes next',
      ['jane', 'tags=a,b'],
      { parameters: ['who', 'patch'], items: [{ type: 'string' }, USER] },
      ['jane', { tags: ['a', 'b'] }],
    ],
    [
      'as properties of an object that takes any',
      ['mail.port=25'],
      { parameters: ['values'], items: [{ type: 'object' }] },
      [{ 'mail.port': 25 }],
    ],
    [
      'by the definition that a schema names',
      ['age=3'],
      { items: [{ $ref: '#/definitions/User' }], definitions: { User: USER } },
      [{ age: 3 }],
    ],
    ['without a schema', ['a=1', 'b=x', 'c:={"d": 1}'], {}, { a: 1, b: 'x', c: { d: 1 } }],
    ['without a schema and by position', ['1', 'x'], {}, [1, 'x']],
    ['none', [], {}, []],
  ])('%s', async (_, words, signature, args) => {
    expect(await bound(words, signature)).toEqual(args);
  });

  it.each<[string, readonly string[], Partial<Signature>, string]>([
    ['a name that there is none of', ['nme=x'], { items: [USER] }, 'did you mean "name"?'],
    ['a name of an argument that has its value by position', ['1', 'a=2'], two, 'no argument "a"'],
    [
      'a property of what is no object',
      ['x=1'],
      { items: [{ type: 'integer' }] },
      'it takes none by name',
    ],
  ])('refuse %s', async (_, words, signature, message) => {
    const refused = bound(words, signature);
    await expect(refused).rejects.toBeInstanceOf(UsageError);
    await expect(refused).rejects.toThrow(message);
  });

  it('of a hostile name become a property and nothing else', async () => {
    const args = (await bound(['__proto__:={"polluted": true}', 'constructor=1'], {})) as object;
    expect(Object.keys(args)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(args)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
