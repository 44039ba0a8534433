import 'reflect-metadata';
import * as cv from 'class-validator';
import { describe, expect, it } from 'vitest';
import { SchemaRegistry } from '../schema-registry.js';

/**
 * Every decorator of class-validator, put on a property by itself, must let through and refuse what
 * class-validator's own `validateSync` does. Where it may not, {@link DIFFERENCES} says why.
 */
const Level = { 0: 'Low', Low: 0, High: 'high' } as const;

const DECORATORS: Record<string, readonly (() => PropertyDecorator)[]> = {
  ArrayContains: [() => cv.ArrayContains([1])],
  ArrayMaxSize: [() => cv.ArrayMaxSize(1)],
  ArrayMinSize: [() => cv.ArrayMinSize(2)],
  ArrayNotContains: [() => cv.ArrayNotContains([1])],
  ArrayNotEmpty: [() => cv.ArrayNotEmpty()],
  ArrayUnique: [() => cv.ArrayUnique(), () => cv.ArrayUnique((item: unknown) => typeof item)],
  Allow: [() => cv.Allow()],
  Equals: [() => cv.Equals('a'), () => cv.Equals(1)],
  NotEquals: [() => cv.NotEquals('a'), () => cv.NotEquals(1)],
  IsDefined: [() => cv.IsDefined()],
  IsOptional: [() => cv.IsOptional()],
  IsEmpty: [() => cv.IsEmpty()],
  IsNotEmpty: [() => cv.IsNotEmpty()],
  IsIn: [() => cv.IsIn(['a', 1])],
  IsNotIn: [() => cv.IsNotIn(['a', 1])],
  IsLatLong: [() => cv.IsLatLong()],
  IsLatitude: [() => cv.IsLatitude()],
  IsLongitude: [() => cv.IsLongitude()],
  MinDate: [() => cv.MinDate(new Date(0))],
  MaxDate: [() => cv.MaxDate(new Date(0))],
  IsDivisibleBy: [() => cv.IsDivisibleBy(2)],
  IsNegative: [() => cv.IsNegative()],
  IsPositive: [() => cv.IsPositive()],
  Max: [() => cv.Max(1)],
  Min: [() => cv.Min(1)],
  IsNotEmptyObject: [() => cv.IsNotEmptyObject(), () => cv.IsNotEmptyObject({ nullable: true })],
  IsArray: [() => cv.IsArray()],
  IsBoolean: [() => cv.IsBoolean()],
  IsDate: [() => cv.IsDate()],
  IsInstance: [() => cv.IsInstance(Date)],
  IsEnum: [() => cv.IsEnum(Level)],
  IsInt: [() => cv.IsInt()],
  IsNumber: [
    () => cv.IsNumber(),
    () => cv.IsNumber({ maxDecimalPlaces: 1 }),
    () => cv.IsNumber({ allowNaN: true }),
  ],
  IsObject: [() => cv.IsObject()],
  IsString: [() => cv.IsString()],
  Contains: [() => cv.Contains('a')],
  NotContains: [() => cv.NotContains('a')],
  IsAlpha: [() => cv.IsAlpha(), () => cv.IsAlpha('de-DE')],
  IsAlphanumeric: [() => cv.IsAlphanumeric()],
  IsAscii: [() => cv.IsAscii()],
  IsBIC: [() => cv.IsBIC()],
  IsBase32: [() => cv.IsBase32()],
  IsBase58: [() => cv.IsBase58()],
  IsBase64: [() => cv.IsBase64()],
  IsBooleanString: [() => cv.IsBooleanString()],
  IsBtcAddress: [() => cv.IsBtcAddress()],
  IsByteLength: [() => cv.IsByteLength(2, 4)],
  IsCreditCard: [() => cv.IsCreditCard()],
  IsCurrency: [() => cv.IsCurrency()],
  IsDataURI: [() => cv.IsDataURI()],
  IsDateString: [() => cv.IsDateString(), () => cv.IsDateString({ strict: true })],
  IsDecimal: [() => cv.IsDecimal()],
  IsEAN: [() => cv.IsEAN()],
  IsEmail: [() => cv.IsEmail()],
  IsEthereumAddress: [() => cv.IsEthereumAddress()],
  IsFQDN: [() => cv.IsFQDN()],
  IsFirebasePushId: [() => cv.IsFirebasePushId()],
  IsFullWidth: [() => cv.IsFullWidth()],
  IsHSL: [() => cv.IsHSL()],
  IsHalfWidth: [() => cv.IsHalfWidth()],
  IsHash: [() => cv.IsHash('md5')],
  IsHexColor: [() => cv.IsHexColor()],
  IsHexadecimal: [() => cv.IsHexadecimal()],
  IsIBAN: [() => cv.IsIBAN()],
  IsIP: [() => cv.IsIP(), () => cv.IsIP(4), () => cv.IsIP('6')],
  IsISBN: [() => cv.IsISBN()],
  IsISIN: [() => cv.IsISIN()],
  IsISO31661Alpha2: [() => cv.IsISO31661Alpha2()],
  IsISO31661Alpha3: [() => cv.IsISO31661Alpha3()],
  IsISO4217CurrencyCode: [() => cv.IsISO4217CurrencyCode()],
  IsISO8601: [() => cv.IsISO8601(), () => cv.IsISO8601({ strict: true })],
  IsISRC: [() => cv.IsISRC()],
  IsISSN: [() => cv.IsISSN()],
  IsIdentityCard: [() => cv.IsIdentityCard('ES')],
  IsJSON: [() => cv.IsJSON()],
  IsJWT: [() => cv.IsJWT()],
  IsLocale: [() => cv.IsLocale()],
  IsLowercase: [() => cv.IsLowercase()],
  IsMacAddress: [() => cv.IsMACAddress()],
  IsMagnetURI: [() => cv.IsMagnetURI()],
  IsMilitaryTime: [() => cv.IsMilitaryTime()],
  IsMimeType: [() => cv.IsMimeType()],
  IsMobilePhone: [() => cv.IsMobilePhone('de-DE')],
  IsMongoId: [() => cv.IsMongoId()],
  IsMultibyte: [() => cv.IsMultibyte()],
  IsNumberString: [() => cv.IsNumberString()],
  IsOctal: [() => cv.IsOctal()],
  IsPassportNumber: [() => cv.IsPassportNumber('DE')],
  IsPhoneNumber: [() => cv.IsPhoneNumber('DE')],
  IsPort: [() => cv.IsPort()],
  IsPostalCode: [() => cv.IsPostalCode('DE')],
  IsRFC3339: [() => cv.IsRFC3339()],
  IsRgbColor: [() => cv.IsRgbColor()],
  IsSemVer: [() => cv.IsSemVer()],
  IsStrongPassword: [() => cv.IsStrongPassword()],
  IsSurrogatePair: [() => cv.IsSurrogatePair()],
  IsTaxId: [() => cv.IsTaxId('de-DE')],
  IsTimeZone: [() => cv.IsTimeZone()],
  IsUUID: [() => cv.IsUUID(), () => cv.IsUUID('4')],
  IsUppercase: [() => cv.IsUppercase()],
  IsUrl: [() => cv.IsUrl()],
  IsVariableWidth: [() => cv.IsVariableWidth()],
  Length: [() => cv.Length(2, 4), () => cv.Length(2)],
  Matches: [() => cv.Matches(/^a/i), () => cv.Matches(/^[a-z]+$/), () => cv.Matches('^A', 'i')],
  MaxLength: [() => cv.MaxLength(2)],
  MinLength: [() => cv.MinLength(2)],
  ValidateBy: [
    () =>
      cv.ValidateBy({
        name: 'even',
        validator: { validate: (value) => typeof value === 'number' && value % 2 === 0 },
      }),
  ],
};

const VALUES: readonly unknown[] = [
  null, true, false, 0, -0, 1, 2, 3, -1, 1.5, 0.25, 1e21, 'a', 'A', 'ab', 'abc', 'abcde', '', ' ', '0', '1', '12', '-1.5', 'true', 'ä', 'é漢字', 'ａｂ', '😀', '😀😀',
  [], [1], [1, 1], [1, 2], ['1'], [null], [{}], [{ a: 1 }, { a: 1 }], {}, { a: 1 }, { a: null },
  'high', 'Low', 'a@example.org', 'example.org', 'https://example.org/a?b=1', '127.0.0.1', '::1', '550e8400-e29b-41d4-a716-446655440000',
  '2024-02-29', '2024-02-29T12:00:00Z', '2024-02-30T00:00:00Z', '12:30', 'DE', 'DEU', 'EUR', 'de', 'de-DE', 'Europe/Berlin', 'DE89370400440532013000', 'DEUTDEFF',
  '4111111111111111', '$1.00', '#ff0000', 'rgb(1,2,3)', 'hsl(1,2%,3%)', 'd41d8cd98f00b204e9800998ecf8427e', 'data:text/plain,x', 'text/plain', '{"a":1}',
  '00:1a:2b:3c:4d:5e', '0o7', '1.2.3', 'Abcdefg1!', '10115', '+4915123456789', '52.5,13.4', '90', 91, '507f1f77bcf86cd799439011', 'aGVsbG8=', 'JBSWY3DP',
  new Date(0), new Date(1), new Date(-1), Buffer.from('a'),
]; // prettier-ignore

/** Where the dispatcher is stricter or laxer on purpose. */
const DIFFERENCES: Record<string, (value: unknown) => boolean> = {
  // equal is what is equal in JSON
  ArrayUnique: (value) => JSON.stringify(value) === '[{"a":1},{"a":1}]',
  // dates and bytes are values of their own on the wire, no objects
  IsObject: (value) => value instanceof Date || value instanceof Uint8Array,
  IsNotEmptyObject: (value) => value instanceof Uint8Array,
  // the name of a numeric member is no value of the enum
  IsEnum: (value) => value === 'Low',
  // past 2^53 nobody knows which integer was meant
  IsInt: (value) => value === 1e21,
  // there is no such day
  IsDateString: (value) => value === '2024-02-30T00:00:00Z',
  IsISO8601: (value) => value === '2024-02-30T00:00:00Z',
  IsRFC3339: (value) => value === '2024-02-30T00:00:00Z',
};

const shown = (value: unknown): string =>
  Object.is(value, -0) ? '-0' : `${typeof value} ${JSON.stringify(value)}`;

/** How class-validator and the dispatcher judge a value under one decorator. */
function judges(decorate: PropertyDecorator) {
  class Probe {
    declare value: unknown;
  }
  decorate(Probe.prototype, 'value');
  const validator = new SchemaRegistry().compileArguments([Probe]);
  return {
    theirs: (value: unknown) => cv.validateSync(Object.assign(new Probe(), { value })).length === 0,
    ours: (value: unknown) => validator.validate([{ value }]) === null,
  };
}

describe('the decorators of class-validator', () => {
  it.each(Object.entries(DECORATORS))('@%s means here what it means there', (name, uses) => {
    const differences: string[] = [];
    for (const [at, use] of uses.entries()) {
      const judge = judges(use());
      for (const value of VALUES) {
        const [theirs, ours] = [judge.theirs(value), judge.ours(value)];
        if (theirs !== ours && DIFFERENCES[name]?.(value) !== true) {
          differences.push(`${name} ${at} ${shown(value)}: theirs ${theirs}, ours ${ours}`);
        }
      }
    }
    expect(differences).toEqual([]);
  });

  it('are all in the list', () => {
    const others = new Set([
      'IsISO31661Numeric',
      'IsISO6391',
      'Validate',
      'ValidateIf',
      'ValidateNested',
      'ValidatePromise',
      'ValidatorConstraint',
    ]);
    const known = new Set(Object.keys(DECORATORS).map((name) => name.toLowerCase()));
    const exported = Object.entries(cv)
      .filter(
        ([name, value]) =>
          typeof value === 'function' &&
          /^(Is|Array|Min|Max|Not|Equals|Contains|Length|Matches|Validate|Allow)/.test(name),
      )
      .map(([name]) => name)
      .filter((name) => !others.has(name) && !known.has(name.toLowerCase()));
    expect(exported).toEqual([]);
  });
});
