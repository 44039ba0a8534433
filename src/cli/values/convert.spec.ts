import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyValue, convert } from './convert.js';
import { bytesOf, momentOf, secondsOf } from './units.js';

const text = (value: string) => ({ kind: 'text', text: value }) as const;
const of = (value: string, schema: object, definitions = {}) =>
  convert(text(value), schema, definitions);

describe('a bare text', () => {
  it.each<[string, object, unknown]>([
    ['5', { type: 'integer' }, 5],
    ['-5.5', { type: 'number' }, -5.5],
    ['9007199254740993', { type: 'integer' }, { $long: '9007199254740993' }],
    ['many', { type: 'integer' }, 'many'],
    ['Yes', { type: 'boolean' }, true],
    ['off', { type: 'boolean' }, false],
    ['5', { type: 'string' }, '5'],
    ['true', { type: 'string' }, 'true'],
    ['null', { anyOf: [{ type: 'string' }, { type: 'null' }] }, null],
    ['5', { anyOf: [{ type: 'string' }, { type: 'integer' }] }, 5],
    ['2', { enum: [1, 2] }, 2],
    ['two', { enum: ['one', 'two'] }, 'two'],
    ['three', { enum: ['one', 'two'] }, 'three'],
    ['a,b', { type: 'array', items: { type: 'string' } }, ['a', 'b']],
    ['1,2', { type: 'array', items: { type: 'integer' } }, [1, 2]],
    ['', { type: 'array' }, []],
    ['[1, "a"]', { type: 'array' }, [1, 'a']],
    ['{"a": 1}', { type: 'object' }, { a: 1 }],
    ['4KiB', { type: 'integer', 'x-unit': 'bytes' }, 4_096],
    ['4KiB', { type: 'integer' }, '4KiB'],
    ['2m', { type: 'number', 'x-unit': 'seconds' }, 120],
    [
      's3cr3t',
      { 'x-dispatcher-type': 'password', type: ['object', 'string'] },
      { $password: 's3cr3t' },
    ],
    [
      '2026-01-31',
      { 'x-dispatcher-type': 'datetime', type: 'object' },
      { $date: '2026-01-31T00:00:00.000Z' },
    ],
    ['5', { $ref: '#/definitions/Count' }, 5],
    ['5', { $ref: '#/definitions/Gone' }, 5],
    ['07', {}, '07'],
    ['7', {}, 7],
  ])('%j is by %j', (written, schema, value) => {
    expect(of(written, schema, { Count: { type: 'integer' } })).toEqual(value);
  });

  it('stays text where a text is wanted, whatever it looks like', () => {
    fc.assert(
      fc.property(fc.string(), (written) => {
        expect(of(written, { type: 'string' })).toBe(written);
      }),
    );
  });

  it('that JSON makes of a number, a boolean or null is that again', () => {
    const scalar = fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(scalar, (value) => {
        fc.pre(!Number.isInteger(value) || Number.isSafeInteger(value)); // past that it is another form
        expect(anyValue(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('never makes a schema that refers to itself hang', () => {
    const loop = { a: { $ref: '#/definitions/a' } };
    expect(of('x', { $ref: '#/definitions/a' }, loop)).toBe('x');
    const list = { type: 'array', items: { $ref: '#/definitions/list' } };
    expect(of('x,y', list, { list })).toBeDefined();
    const choice = { anyOf: [{ $ref: '#/definitions/choice' }, { type: 'integer' }] };
    expect(of('5', choice, { choice })).toBe(5);
  });
});

describe('units', () => {
  it.each([
    ['90', 90],
    ['500ms', 0.5],
    ['1.5h', 5_400],
    ['2d', 172_800],
    ['soon', null],
    ['-1s', null],
  ])('%j is so many seconds: %j', (written, seconds) => {
    expect(secondsOf(written)).toBe(seconds);
  });

  it.each([
    ['4G', 4 * 1_024 ** 3],
    ['4GB', 4e9],
    ['1.5KiB', 1_536],
    ['0.3', null],
    ['4 parsecs', null],
  ])('%j is so many bytes: %j', (written, bytes) => {
    expect(bytesOf(written)).toBe(bytes);
  });

  it.each([
    ['-2h', '2026-01-01T10:00:00.000Z'],
    ['+1d', '2026-01-02T12:00:00.000Z'],
    ['now', '2026-01-01T12:00:00.000Z'],
    ['2026-02-30', null],
    ['tomorrow', null],
    ['7', null],
  ])('%j is the moment %j', (written, moment) => {
    expect(momentOf(written, new Date('2026-01-01T12:00:00Z'))?.toISOString() ?? null).toBe(moment);
  });
});
