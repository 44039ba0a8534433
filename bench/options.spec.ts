import { expect, it } from 'vitest';
import { readOptions } from './options.js';

it('takes several names from one option or from many', () => {
  expect(readOptions(['--only', 'calls,memory', '--only', 'cold-start']).only).toEqual([
    'calls',
    'memory',
    'cold-start',
  ]);
});

it('runs everything without options', () => {
  expect(readOptions([])).toMatchObject({ only: [], json: false, profile: false, before: null });
  expect(readOptions(['--before', 'main.js']).before).toBe('main.js');
});

it.each([['0'], ['-1'], ['soon']])('refuses --seconds %s with the option and the value', (text) => {
  expect(() => readOptions([`--seconds=${text}`])).toThrow(
    `--seconds must be a positive number, not "${text}"`,
  );
});
