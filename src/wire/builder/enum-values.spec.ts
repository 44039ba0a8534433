import { expect, it } from 'vitest';
import { enumValues } from './enum-values.js';

enum Numeric {
  Zero,
  Five = 5,
  Negative = -1,
}
enum Text {
  A = 'a',
  B = 'Numeric',
}

it.each([
  ['a numeric enum, whose reverse entries are no values', Numeric, [0, 5, -1]],
  ['a text enum', Text, ['a', 'Numeric']],
  ['a mixed enum', { A: 0, 0: 'A', B: 'b' }, [0, 'b']],
  ['a const object with numbers as keys', { 1: 'one', 2: 'two' }, ['one', 'two']],
  ['names for one value', { A: 1, 1: 'B', B: 1 }, [1]],
])('gives the values of %s', (_, entity, values) => {
  expect(enumValues(entity).sort()).toEqual([...values].sort());
});
