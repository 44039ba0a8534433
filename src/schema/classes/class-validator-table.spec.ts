import 'reflect-metadata';
import { IntersectionType, OmitType, PartialType, PickType } from '@nestjs/mapped-types';
import { plainToInstance, Type } from 'class-transformer';
import * as cv from 'class-validator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  classMetadataTargets,
  purgeClassMetadata,
  type SchemaClass,
  SchemaRegistry,
} from '../index.js';

/**
 * Classes put together at random out of these properties, whole or through the mapped types, judge
 * random values as class-validator does with the options that docs/plugins.md states.
 */
type Decorators = Readonly<Record<string, PropertyDecorator>>;

interface Kind {
  readonly decorate: readonly PropertyDecorator[];
  /** Of which any number may stand beside. */
  readonly more: Decorators;
  /** Most of which fit. */
  readonly values: readonly unknown[];
}

@cv.ValidatorConstraint({ name: 'shorter' })
class ShorterThanLimit implements cv.ValidatorConstraintInterface {
  validate(value: unknown, args?: cv.ValidationArguments): boolean {
    const { limit } = args?.object as { limit?: unknown };
    return typeof value !== 'string' || typeof limit !== 'number' || value.length < limit;
  }
}

class Point {
  @cv.IsNumber() x!: number;
  @cv.IsOptional() @cv.IsNumber() y?: number;
}
class Shape {
  @cv.IsIn(['circle', 'square']) kind!: string;
}
class Circle extends Shape {
  @cv.Min(0) radius!: number;
}
class Square extends Shape {
  @cv.IsInt() side!: number;
  @cv.ValidateIf((square: Square) => square.side > 1) @cv.IsString() name?: string;
}
const shapes = {
  keepDiscriminatorProperty: true,
  discriminator: {
    property: 'kind',
    subTypes: [
      { value: Circle, name: 'circle' },
      { value: Square, name: 'square' },
    ],
  },
};

const TEXTS = ['ab', 'a', '', 'abc', 'abcde', 'a@example.org', 'AB'];
const NUMBERS = [2, 1, -1, 0, 3, 1.5];
const POINTS = [{ x: 1 }, { x: 1, y: null }, { x: 'a' }, { x: 1, z: 1 }, {}];
const SHAPES = [
  { kind: 'circle', radius: 1 },
  { kind: 'circle', radius: -1 },
  { kind: 'square', side: 1 },
  { kind: 'square', side: 2 },
  { kind: 'square', side: 2, name: 'a' },
  { kind: 'square', radius: 1 },
  { kind: 'circle', radius: 1, extra: 1 },
];
const listsOf = (values: readonly unknown[]): unknown[] => [
  ...values.map((value) => [value]),
  [],
  values.slice(0, 2),
];

interface Limited {
  readonly limit?: unknown;
}

const KINDS = {
  text: {
    decorate: [cv.IsString()],
    more: {
      atLeast2: cv.MinLength(2),
      atMost3: cv.MaxLength(3),
      email: cv.IsEmail(),
      notEmpty: cv.IsNotEmpty(),
      in: cv.IsIn(['a', 'ab']),
      pattern: cv.Matches(/^[a-z]+$/),
      custom: cv.Validate(ShorterThanLimit),
      atLeast4If: cv.MinLength(4, { validateIf: ({ limit }: Limited) => limit === 2 }),
      notEmptyIf: cv.IsNotEmpty({ validateIf: ({ limit }: Limited) => limit === 2 }),
    },
    values: [...TEXTS, 1],
  },
  textAtTimes: {
    decorate: [cv.IsString({ validateIf: ({ limit }: Limited) => limit !== 3 })],
    more: { definedIf: cv.IsDefined({ validateIf: ({ limit }: Limited) => limit === 3 }) },
    values: [...TEXTS, 1],
  },
  number: {
    decorate: [cv.IsNumber()],
    more: {
      int: cv.IsInt(),
      atLeast1: cv.Min(1),
      atMost2: cv.Max(2),
      positive: cv.IsPositive(),
      even: cv.IsDivisibleBy(2),
    },
    values: [...NUMBERS, 'a', true],
  },
  choice: {
    decorate: [cv.IsEnum({ On: 'on', Off: 'off' })],
    more: { notOff: cv.NotEquals('off') },
    values: ['on', 'off', 'On', 1],
  },
  list: {
    decorate: [cv.IsArray(), cv.IsString({ each: true })],
    more: {
      atLeast1: cv.ArrayMinSize(1),
      unique: cv.ArrayUnique(),
      eachAtLeast2: cv.MinLength(2, { each: true }),
      eachEmail: cv.IsEmail({}, { each: true }),
      eachCustom: cv.Validate(ShorterThanLimit, { each: true }),
      eachNotEmpty: cv.IsNotEmpty({ each: true }),
      eachAtMost2If: cv.MaxLength(2, {
        each: true,
        validateIf: ({ limit }: Limited) => limit === 3,
      }),
    },
    values: listsOf([...TEXTS, 1, null]),
  },
  nested: {
    decorate: [cv.IsObject(), cv.ValidateNested(), Type(() => Point)],
    more: { defined: cv.IsDefined() },
    values: [...POINTS, 'a', 1],
  },
  nestedList: {
    decorate: [cv.IsArray(), cv.ValidateNested({ each: true }), Type(() => Point)],
    more: { notEmpty: cv.ArrayNotEmpty(), atMost1: cv.ArrayMaxSize(1) },
    values: listsOf([...POINTS, 'a', 1, null]),
  },
  tagged: {
    decorate: [cv.IsObject(), cv.ValidateNested(), Type(() => Shape, shapes)],
    more: {},
    values: [...SHAPES, 'a'],
  },
  taggedList: {
    decorate: [cv.IsArray(), cv.ValidateNested({ each: true }), Type(() => Shape, shapes)],
    more: { atLeast1: cv.ArrayMinSize(1) },
    values: listsOf(SHAPES),
  },
  anything: { decorate: [cv.Allow()], more: {}, values: [...TEXTS, ...NUMBERS, {}, []] },
  date: { decorate: [cv.IsDate()], more: {}, values: [new Date(0), '1970-01-01', 0] },
  limit: { decorate: [cv.IsInt()], more: {}, values: [2, 3, 4, 'a'] },
} satisfies Readonly<Record<string, Kind>>;

const MODIFIERS = {
  none: [],
  optional: [cv.IsOptional()],
  optionalAndDefined: [cv.IsOptional(), cv.IsDefined()],
  ifLimit: [cv.ValidateIf(({ limit }: Limited) => limit !== 3)],
  ifThere: [cv.ValidateIf((_, value) => value !== undefined)],
  ifLimitOrAbsent: [cv.ValidateIf(({ limit }: Limited) => limit !== 4), cv.IsOptional()],
  ifBoth: [
    cv.ValidateIf(({ limit }: Limited) => limit !== 3),
    cv.ValidateIf((_, value) => value !== 'a'),
  ],
} satisfies Readonly<Record<string, readonly PropertyDecorator[]>>;

interface Property {
  readonly kind: keyof typeof KINDS;
  readonly more: readonly string[];
  readonly modifier: keyof typeof MODIFIERS;
}

const kindOf = ({ kind }: Property): Kind => KINDS[kind];

const propertyOf = (...kinds: readonly Property['kind'][]): fc.Arbitrary<Property> =>
  fc.constantFrom(...kinds).chain((kind) =>
    fc.record({
      kind: fc.constant(kind),
      more: fc.subarray(Object.keys(KINDS[kind].more)),
      modifier: fc.constantFrom(...(Object.keys(MODIFIERS) as Property['modifier'][])),
    }),
  );

type Properties = Readonly<Record<string, Property>>;

const anyKind = Object.keys(KINDS) as Property['kind'][];
const properties: fc.Arbitrary<Properties> = fc.record({
  a: propertyOf(...anyKind),
  b: propertyOf(...anyKind),
  c: propertyOf(...anyKind),
  limit: propertyOf('limit'),
});

function classOf(all: Properties): SchemaClass {
  class Made {}
  for (const [name, property] of Object.entries(all)) {
    const { decorate, more } = kindOf(property);
    const others = property.more.map((key) => more[key]!);
    for (const decorator of [...MODIFIERS[property.modifier], ...decorate, ...others]) {
      decorator(Made.prototype, name);
    }
  }
  return Made;
}

type Mapping = (type: SchemaClass, other: SchemaClass) => SchemaClass;
type Constructor = new () => Record<string, unknown>;

const ALL = ['a', 'b', 'c', 'limit'];

/** With the properties that are left. */
const MAPPINGS: readonly (readonly [name: string, keys: readonly string[], map: Mapping])[] = [
  ['the class itself', ALL, (type) => type],
  ['an heir', ALL, (type) => class Heir extends (type as Constructor) {}],
  ['PartialType', ALL, (type) => PartialType(type as Constructor)],
  [
    'PartialType that admits no null',
    ALL,
    (type) => PartialType(type as Constructor, { skipNullProperties: false }),
  ],
  ['PickType', ['a', 'limit'], (type) => PickType(type as Constructor, ['a', 'limit'])],
  ['OmitType', ['b', 'limit'], (type) => OmitType(type as Constructor, ['a', 'c'])],
  [
    'IntersectionType',
    ALL,
    (type, other) =>
      IntersectionType(OmitType(type as Constructor, ['c']), PickType(other as Constructor, ['c'])),
  ],
  [
    'all of them',
    ALL,
    (type, other) =>
      PartialType(
        IntersectionType(
          PickType(type as Constructor, ['a']),
          OmitType(other as Constructor, ['a']),
        ),
      ),
  ],
];

/** Each property has a value of its kind, most often a likely one, or none; some have one too many. */
function valuesOf(
  [all, other]: readonly [Properties, Properties],
  keys: readonly string[],
): fc.Arbitrary<Record<string, unknown>> {
  const entry = (name: string): fc.Arbitrary<[string, unknown][]> => {
    const likely = [all, other].flatMap((each) => kindOf(each[name]!).values.slice(0, 2));
    const rest = [all, other].flatMap((each) => kindOf(each[name]!).values);
    const entryOf = (value: unknown): [string, unknown][] => [[name, value]];
    return fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...likely).map(entryOf) },
      { weight: 3, arbitrary: fc.constantFrom(...rest, null).map(entryOf) },
      { weight: 1, arbitrary: fc.constant<[string, unknown][]>([]) },
    );
  };
  const surplus = fc
    .constantFrom(null, null, null, null, ...Object.keys(all), 'unknown')
    .map((name): [string, unknown][] => (name === null ? [] : [[name, 1]]));
  return fc
    .tuple(surplus, ...keys.map(entry))
    .map((entries) => Object.fromEntries<unknown>(entries.flat()));
}

/** Classes of each mapping; each with 10 values and more. */
const RUNS = Number(process.env['TABLE_RUNS'] ?? 40);

const OPTIONS = { whitelist: true, forbidNonWhitelisted: true };

/** Null where class-transformer stumbles: it looks for the tag of null. */
function theirs(type: SchemaClass, value: unknown): boolean | null {
  let instance: object;
  try {
    instance = plainToInstance(type as Constructor, value);
  } catch {
    return null;
  }
  return cv.validateSync(instance, OPTIONS).length === 0;
}

describe('classes put together at random judge as class-validator does', () => {
  it.each(MAPPINGS)('%s', (_, keys, map) => {
    const judged = { fit: 0, unfit: 0 };
    fc.assert(
      fc.property(
        fc
          .tuple(properties, properties)
          .chain(([one, other]) =>
            fc.tuple(
              fc.constant([one, other] as const),
              fc.array(valuesOf([one, other], keys), { minLength: 10, maxLength: 20 }),
            ),
          ),
        ([[one, other], values]) => {
          const before = classMetadataTargets();
          const type = map(classOf(one), classOf(other));
          const validator = new SchemaRegistry().compileArguments([type]);
          for (const value of values) {
            const expected = theirs(type, structuredClone(value));
            if (expected === null) continue;
            judged[expected ? 'fit' : 'unfit'] += 1;
            const errors = validator.validate([value]);
            expect([value, errors === null, errors], JSON.stringify(value)).toEqual([
              value,
              expected,
              errors,
            ]);
          }
          // class-validator looks through all classes that there are
          purgeClassMetadata([...classMetadataTargets()].filter((each) => !before.has(each)));
        },
      ),
      { numRuns: RUNS },
    );
    expect(Math.min(judged.fit, judged.unfit)).toBeGreaterThan(RUNS);
  });
});
