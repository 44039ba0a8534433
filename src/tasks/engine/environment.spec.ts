import { expect, it } from 'vitest';
import { Errno } from '../../common/index.js';
import { assertEnvironment } from './environment.js';

it.each([
  ['262144 bytes', { VALUE: 'x'.repeat(262_144) }],
  ['262144 bytes', { VALUE: '\u20ac'.repeat(100_000) }],
  ['262144 bytes', { VALUE: { deep: ['x'.repeat(300_000)] } }],
  ['1000 names', Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`N${n}`, '']))],
  ['256 characters', { idempotencyKey: 'k'.repeat(257) }],
])('the environment of a task is refused past %s', (limit, environment) => {
  const refuse = () => assertEnvironment(environment);
  expect(refuse).toThrow(limit);
  expect(refuse).toThrow(expect.objectContaining({ code: Errno.EINVAL }) as Error);
});

it('the environment of a task is taken at the limits', () => {
  const names = Object.fromEntries(
    Array.from({ length: 999 }, (_, n) => [`N${n}`, 'x'.repeat(200)]),
  );
  expect(() => assertEnvironment({ ...names, idempotencyKey: 'k'.repeat(256) })).not.toThrow();
});
