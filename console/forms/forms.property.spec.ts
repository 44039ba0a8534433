import fc from 'fast-check';
import { expect, it } from 'vitest';
import { check, isValid } from './check.js';
import { exampleOf } from './example.js';
import {
  argumentsSchema,
  empty,
  emptyArguments,
  fill,
  fillArguments,
  type Json,
  type JsonObject,
  parametersOf,
  read,
  readArguments,
  type Schema,
  SchemaIndex,
} from './index.js';

interface Pair {
  readonly schema: JsonObject;
  /** Fits the schema. */
  readonly value: Json;
}

const json = fc.jsonValue() as fc.Arbitrary<Json>;
const name = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom('__proto__', 'constructor', 'a/b', '~'),
);
const words = fc.record(
  { title: fc.string(), description: fc.constant('<img src=x onerror=alert(1)>') },
  { requiredKeys: [] },
);

/** Schemas with a value that fits them, made together. */
const { pair } = fc.letrec<{ pair: Pair; leaf: Pair }>((tie) => ({
  pair: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('pair'), { maxLength: 4 }).map(tuple),
    tie('pair').chain(list),
    fc
      .uniqueArray(fc.tuple(name, tie('pair'), fc.boolean(), fc.boolean()), {
        selector: ([key]) => key,
        maxLength: 4,
      })
      .map(object),
    fc.tuple(tie('pair'), tie('pair'), fc.constantFrom('anyOf', 'oneOf')).map(union),
    tie('pair').map(({ schema, value }): Pair => ({ schema: { allOf: [schema, {}] }, value })),
    tie('pair').map(({ schema, value }): Pair => ({
      schema: { anyOf: [schema, { type: 'null' }] },
      value,
    })),
  ),
  leaf: fc
    .tuple(
      fc.oneof(
        fc.string().map((value): Pair => ({
          schema: {
            type: 'string',
            maxLength: Array.from(value).length,
            minLength: Math.max(0, Array.from(value).length - 2),
          },
          value,
        })),
        fc
          .double({ noNaN: true, noDefaultInfinity: true })
          .map((value): Pair => ({ schema: { type: 'number' }, value })),
        fc.tuple(fc.integer(), fc.nat(), fc.nat()).map(([value, below, above]): Pair => ({
          schema: { type: 'integer', minimum: value - below, maximum: value + above },
          value,
        })),
        fc
          .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 9 }))
          .map(([n, step]): Pair => ({
            schema: { type: 'integer', multipleOf: step, minimum: n * step },
            value: n * step,
          })),
        fc.boolean().map((value): Pair => ({ schema: { type: 'boolean' }, value })),
        json.map((value): Pair => ({ schema: { const: value }, value })),
        fc
          .tuple(fc.array(json), json)
          .map(([others, value]): Pair => ({ schema: { enum: [...others, value] }, value })),
        json.map((value): Pair => ({ schema: {}, value })),
        fc.constantFrom<Pair>(
          { schema: { type: ['string', 'null'] }, value: null },
          { schema: { type: 'string', format: 'ipv4' }, value: '10.0.0.1' },
          {
            schema: { type: 'string', pattern: '^[a-z][a-z0-9-]{2,}(?:\\.\\d+)?$' },
            value: 'abc.1',
          },
          {
            schema: extended('datetime', '$date', 'object'),
            value: { $date: '2026-01-01T00:00:00Z' },
          },
          { schema: extended('binary', '$binary', 'object'), value: { $binary: '' } },
          { schema: extended('password', '$password', ['object', 'string']), value: 'plain' },
          {
            schema: extended('long', '$long', ['object', 'integer']),
            value: { $long: '9007199254740993' },
          },
          {
            schema: { $ref: '#/definitions/Tree' },
            value: { name: 'a', children: [{ name: 'b' }] },
          },
        ),
      ),
      words,
    )
    .map(([{ schema, value }, more]): Pair => ({ schema: { ...schema, ...more }, value })),
}));

function extended(type: string, key: string, types: Json): JsonObject {
  return {
    'x-dispatcher-type': type,
    type: types,
    properties: { [key]: { type: 'string' } },
    required: [key],
    additionalProperties: false,
  };
}

function tuple(pairs: readonly Pair[]): Pair {
  return {
    schema: {
      type: 'array',
      items: pairs.map(({ schema }) => schema),
      minItems: pairs.length,
      additionalItems: false,
    },
    value: pairs.map(({ value }) => value),
  };
}

function list({ schema, value }: Pair): fc.Arbitrary<Pair> {
  return fc.nat({ max: 3 }).map((length) => ({
    schema: { type: 'array', items: schema, minItems: length },
    value: Array.from({ length }, () => value),
  }));
}

function object(entries: readonly (readonly [string, Pair, boolean, boolean])[]): Pair {
  const required = entries.filter(([, , isRequired]) => isRequired).map(([key]) => key);
  const given = entries.filter(([, , isRequired, isGiven]) => isRequired || isGiven);
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(entries.map(([key, { schema }]) => [key, schema])),
      required,
      additionalProperties: false,
    },
    value: Object.fromEntries(given.map(([key, { value }]) => [key, value])),
  };
}

/** Of `oneOf`, only where the value fits one branch: each is boxed under a tag. */
function union([a, b, keyword]: readonly [Pair, Pair, string]): Pair {
  const boxed = (tag: string, { schema }: Pair): JsonObject => ({
    type: 'object',
    properties: { kind: { const: tag }, of: schema },
    required: ['kind', 'of'],
  });
  return {
    schema: { [keyword]: [boxed('a', a), boxed('b', b)] },
    value: { kind: 'b', of: b.value },
  };
}

const TREE: JsonObject = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    children: { type: 'array', items: { $ref: '#/definitions/Tree' } },
  },
  required: ['name'],
  additionalProperties: false,
};
const schemaIndex = new SchemaIndex(new Map<string, Schema>([['Tree', TREE]]));
const accepts = (schema: Schema, value: Json): boolean =>
  isValid(schemaIndex.bundle({ allOf: [schema] }), value);

/** As it would arrive: JSON has no -0. */
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

it('makes schemas and values that fit each other (of the test itself)', () => {
  fc.assert(
    fc.property(pair, ({ schema, value }) => {
      expect(check(schemaIndex.bundle({ allOf: [schema] }), sent(value) as Json)).toEqual({
        kind: 'checked',
        problems: [],
      });
    }),
  );
});

it('lets every valid value be entered: the form gives back what was filled in', () => {
  fc.assert(
    fc.property(pair, ({ schema, value }) => {
      const { value: back, problems } = read(fill(schema, sent(value) as Json, schemaIndex));
      expect(sent(back)).toEqual(sent(value));
      expect(problems).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

it('lets any value be entered for any schema: what does not fit is there to be mended', () => {
  fc.assert(
    fc.property(pair, json, ({ schema }, value) => {
      expect(sent(read(fill(schema, sent(value) as Json, schemaIndex)).value)).toEqual(sent(value));
    }),
  );
});

it('generates a value that fits, for every schema that admits one', () => {
  fc.assert(
    fc.property(pair, ({ schema }) => {
      const value = exampleOf(schema, { schemaIndex, accepts });
      expect(value).toBeDefined();
      expect(accepts(schema, value!)).toBe(true);
      expect(sent(read(fill(schema, value!, schemaIndex)).value)).toEqual(sent(value));
    }),
    { numRuns: 300 },
  );
});

it('hands over only what fits: whatever was typed, no problem left means a valid value', () => {
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 3 }), (pairs) => {
      const parameters = parametersOf({
        schemas: pairs.map(({ schema }) => schema),
        names: null,
        minimum: pairs.length,
      });
      const whole = argumentsSchema(parameters, schemaIndex);
      for (const form of [
        emptyArguments(parameters, schemaIndex),
        fillArguments(
          parameters,
          pairs.map(({ value }) => sent(value) as Json),
          schemaIndex,
        ),
      ]) {
        const { args, problems } = readArguments(form);
        const verdict = check(whole, args);
        if (problems.length === 0 && verdict.kind === 'checked' && verdict.problems.length === 0) {
          pairs.forEach(({ schema }, index) => expect(accepts(schema, args[index]!)).toBe(true));
        }
      }
    }),
  );
});

it('begins with a form for every schema, without end or error', () => {
  fc.assert(
    fc.property(pair, ({ schema }) => {
      expect(() => read(empty(schema, schemaIndex))).not.toThrow();
    }),
  );
});
