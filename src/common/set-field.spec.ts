import { describe, expect, it } from 'vitest';
import { withFields } from './set-field.js';

describe('withFields', () => {
  it('puts the new fields behind those that were there, and changes neither', () => {
    const fields = { id: 7, state: 'CREATED' };
    const copy = withFields(fields, { state: 'WAITING', error: null });

    expect(Object.entries(copy)).toEqual([
      ['id', 7],
      ['state', 'WAITING'],
      ['error', null],
    ]);
    expect(fields).toEqual({ id: 7, state: 'CREATED' });
  });

  it('keeps a field named __proto__ as data', () => {
    const fields = JSON.parse('{"__proto__":{"roles":["admin"]}}') as object;
    const copy = withFields(fields, { id: 7 });

    expect(JSON.stringify(copy)).toBe('{"__proto__":{"roles":["admin"]},"id":7}');
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect('roles' in copy).toBe(false);
  });
});
