import { expect, it } from 'vitest';
import { isObject, isRecord, isThenable } from './is-object.js';

it.each([
  [{}, true, true],
  [[], true, false],
  [null, false, false],
  ['text', false, false],
  [() => 1, false, false],
])('tells what %j is', (value, object, record) => {
  expect(isObject(value)).toBe(object);
  expect(isRecord(value)).toBe(record);
});

it('calls thenable what has a method then', () => {
  expect(isThenable(Promise.resolve())).toBe(true);
  expect(isThenable({ then: () => undefined })).toBe(true);
  expect(isThenable({ then: 1 })).toBe(false);
  expect(isThenable(null)).toBe(false);
});
