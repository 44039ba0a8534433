import { describe, expect, it } from 'vitest';
import { Password } from '../common/index.js';
import {
  assertDocumentSize,
  MAX_DOCUMENT_BYTES,
  normaliseDocument,
  normaliseRow,
} from './document.js';

describe('a document on its way into a store', () => {
  it('becomes plain data: sets, maps, instances, what has a JSON form', () => {
    class User {
      name = 'ann';
      #secret = 1;
      get secret(): number {
        return this.#secret;
      }
    }
    const url = new URL('http://h/');
    const document = { set: new Set([1]), map: new Map([['a', 1]]), user: new User(), url };
    const copy = normaliseDocument('c', document);
    expect(copy).toEqual({ set: [1], map: { a: 1 }, user: { name: 'ann' }, url: 'http://h/' });
    expect(Object.getPrototypeOf(copy['user'])).toBe(Object.prototype);
  });

  it('is a copy: what the caller changes afterwards is not stored', () => {
    const inner = { a: [1], bytes: Buffer.from('a') };
    const copy = normaliseDocument('c', { inner });
    inner.a.push(2);
    inner.bytes[0] = 0;
    expect(copy).toEqual({ inner: { a: [1], bytes: Buffer.from('a') } });
  });

  it('loses what is undefined, and minus zero its sign', () => {
    expect(normaliseDocument('c', { a: undefined, b: [undefined] })).toEqual({ b: [null] });
    expect(Object.is(normaliseDocument('c', { a: -0 })['a'], 0)).toBe(true);
  });

  it.each([null, 1, 'a', [1]])('is an object, not %j', (value) => {
    expect(() => normaliseDocument('c', value)).toThrow('a row is an object');
  });

  it('holds no password without a key to seal it with, and is none', () => {
    const secret = new Password('hunter2');
    expect(() => normaliseDocument('c', { secret })).toThrow('a password: there is no key here');
    const seal = () => ({ 'dispatcher:sealed': 'text' }) as const;
    expect(normaliseRow('c', { secret }, seal)).toMatchObject({ hasPasswords: true });
    expect(() => normaliseRow('c', secret, seal)).toThrow('a row is an object');
  });

  it('that contains itself is refused', () => {
    const document: Record<string, unknown> = {};
    document['self'] = document;
    expect(() => normaliseDocument('c', document)).toThrow('nested too deeply');
  });

  it('may be as big as the limit', () => {
    expect(() => assertDocumentSize('c', MAX_DOCUMENT_BYTES)).not.toThrow();
    expect(() => assertDocumentSize('c', MAX_DOCUMENT_BYTES + 1)).toThrow('too big');
  });
});
