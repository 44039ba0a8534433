import 'reflect-metadata';
import { IsEmail, IsNumber, MaxLength, Validate, ValidatorConstraint } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { h, type SchemaArg, SchemaRegistry } from '../index.js';

let calls = 0;

@ValidatorConstraint({ name: 'fragile' })
class Fragile {
  validate(value: unknown): boolean {
    calls += 1;
    if (value === 'throws') throw new TypeError('unforeseen');
    return true;
  }
}

class Values {
  @IsNumber({ maxDecimalPlaces: 2 }) price = 0;
  @IsNumber({ maxDecimalPlaces: 7 }) fine = 0;
  @Validate(Fragile) @MaxLength(10) text = '';
  @IsEmail() mail = 'a@b.example';
}

function errorsOf(type: SchemaArg, value: unknown): string[] {
  const errors = new SchemaRegistry().compileArguments([type]).validate([value]) ?? [];
  return errors.map(({ path, message }) => `${path.slice(1).join('.')} ${message}`);
}

const errorsWith = (values: object): string[] =>
  errorsOf(Values, { price: 0, fine: 0, text: '', mail: 'a@b.example', ...values });

describe('the checks of a class', () => {
  it('count decimal places of numbers that are written with an exponent', () => {
    expect(errorsWith({ price: 1e-7 })).toEqual([expect.stringContaining('price')]);
    expect(errorsWith({ price: 19.995 })).toEqual([expect.stringContaining('price')]);
    expect(errorsWith({ fine: 1.5e-7 })).toEqual([expect.stringContaining('fine')]);
    expect(errorsWith({ price: 19.99, fine: 1e-7 })).toEqual([]);
  });

  it('refuse what they throw at', () => {
    expect(errorsWith({ text: 'throws' })).toEqual(['text must satisfy Fragile']);
  });

  it('are not asked about a text that is too long anyway', () => {
    calls = 0;
    expect(errorsWith({ text: 'x'.repeat(100) })).toEqual([expect.stringContaining('text')]);
    expect(calls).toBe(0);
  });

  it('refuse a long text where only short ones are meant', () => {
    expect(errorsWith({ mail: `${'a@'.repeat(100_000)}b` })).toEqual([
      expect.stringContaining('mail'),
    ]);
  });
});

it.each(['date-time', 'time'])('format %s has no leap seconds, as $date has none', (format) => {
  const day = format === 'time' ? '' : '2016-12-31T';
  const schema = h.string({ format });
  expect(errorsOf(schema, `${day}23:59:60Z`)).toHaveLength(1);
  expect(errorsOf(schema, `${day}23:59:59Z`)).toEqual([]);
});
