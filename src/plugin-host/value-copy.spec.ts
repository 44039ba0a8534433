import { describe, expect, it } from 'vitest';
import { Password } from '../common/index.js';
import { copyValue } from './value-copy.js';

class User {
  readonly #hidden = 1;
  name = 'bob';
  tags = new Set(['x']);
  get hidden(): number {
    return this.#hidden;
  }
}

describe('copyValue', () => {
  it('shares nothing that can be changed', () => {
    const original = { list: [{ a: 1 }], at: new Date(0), bytes: Buffer.from('x') };
    const copy = copyValue(original) as typeof original;
    expect(copy).toEqual(original);
    expect(copy.list[0]).not.toBe(original.list[0]);
    expect(copy.at).not.toBe(original.at);
    copy.bytes[0] = 0;
    expect(original.bytes.toString()).toBe('x');
  });

  it('turns instances into plain objects, as the wire does', () => {
    const copy = copyValue([new User(), new Map([['k', new User()]])]);
    expect(copy).toStrictEqual([{ name: 'bob', tags: ['x'] }, { k: { name: 'bob', tags: ['x'] } }]);
  });

  it('keeps secrets and big integers as they are', () => {
    const secret = new Password('s3cret');
    expect(copyValue([secret, 5n])).toEqual([secret, 5n]);
    expect((copyValue({ secret }) as { secret: Password }).secret.reveal()).toBe('s3cret');
  });

  it('follows toJSON', () => {
    expect(copyValue({ url: new URL('http://x/') })).toEqual({ url: 'http://x/' });
  });

  it('does not let a key named __proto__ set the prototype', () => {
    const copy = copyValue(JSON.parse('{"__proto__": {"admin": true}}')) as { admin?: boolean };
    expect(copy.admin).toBeUndefined();
    expect(Object.keys(copy)).toEqual(['__proto__']);
  });
});
