import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDispatcherError } from '../common/index.js';
import { h, type JsonSchema, type SchemaArg, SchemaRegistry } from './index.js';

/** A schema together with values that fit it. */
interface Sample {
  readonly schema: SchemaArg;
  readonly value: fc.Arbitrary<unknown>;
}

const scalars: readonly Sample[] = [
  { schema: String, value: fc.string() },
  { schema: h.integer({ minimum: -5 }), value: fc.integer({ min: -5 }) },
  { schema: Boolean, value: fc.boolean() },
  { schema: null, value: fc.constant(null) },
  { schema: h.enumOf(['a', 7]), value: fc.constantFrom('a', 7) },
  { schema: Date, value: fc.date({ noInvalidDate: true }) },
  { schema: h.binary(), value: fc.uint8Array() },
];

const name = fc.string().filter((text) => text !== '__proto__');

const sample = fc.letrec<{ node: Sample }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...scalars),
    tie('node').map(({ schema, value }) => ({ schema: h.array(schema), value: fc.array(value) })),
    tie('node').map(({ schema, value }) => ({
      schema: h.nullable(schema),
      value: fc.option(value),
    })),
    fc.dictionary(name, tie('node'), { maxKeys: 4 }).map((properties) => ({
      schema: h.object(mapValues(properties, ({ schema }) => schema)),
      value: fc.record(mapValues(properties, ({ value }) => value)),
    })),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => ({
      schema: h.anyOf(a.schema, b.schema),
      value: fc.oneof(a.value, b.value),
    })),
  ),
})).node;

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

const sampled = sample.chain(({ schema, value }) => fc.tuple(fc.constant(schema), value));
const options = { numRuns: 60 }; // each run compiles

describe('for arbitrary schemas', () => {
  it('a value made for the schema fits, and is not touched', () => {
    fc.assert(
      fc.property(sampled, ([schema, value]) => {
        const schemas = new SchemaRegistry();
        const args = [value];
        expect(schemas.compileArguments([schema]).validate(args)).toBeNull();
        expect(args[0]).toBe(value);
        expect(schemas.compileValue(schema, 'result').validate(value)).toBeNull();
      }),
      options,
    );
  });

  it('the published form survives JSON and means the same', () => {
    fc.assert(
      fc.property(sampled, fc.jsonValue(), ([schema, value], other) => {
        const schemas = new SchemaRegistry();
        const original = schemas.compileArguments([schema]);
        const copy = JSON.parse(JSON.stringify(original.schemas[0])) as JsonSchema;
        const again = schemas.compileArguments([copy]);
        expect(again.schemas).toEqual(original.schemas);
        expect(again.validate([value])).toBeNull();
        expect(again.validate([other])).toEqual(original.validate([other]));
      }),
      options,
    );
  });

  it('a wrong value is reported at the path where it was put', () => {
    const wrong = Symbol('fits nothing');
    fc.assert(
      fc.property(
        sample,
        fc.array(fc.constantFrom('list', 'map', 'property', 'nullable')),
        ({ schema }, layers) => {
          let built: SchemaArg = h.allOf(schema, h.not({}));
          let value: unknown = wrong;
          const path: (string | number)[] = [];
          for (const layer of layers) {
            if (layer === 'list') [built, value] = [h.array(built), [value]];
            else if (layer === 'map') [built, value] = [h.record(built), { key: value }];
            else if (layer === 'property') [built, value] = [h.object({ p: built }), { p: value }];
            else built = h.nullable(built);
            if (layer !== 'nullable') path.unshift({ list: 0, map: 'key', property: 'p' }[layer]);
          }
          const errors = new SchemaRegistry().compileArguments([built]).validate([value]);
          expect(errors?.length).toBeGreaterThan(0);
          for (const error of errors ?? []) {
            expect(error.path.slice(0, path.length + 1)).toEqual([0, ...path]);
          }
        },
      ),
      options,
    );
  });

  it('arbitrary JSON is answered with a verdict, twice the same, and left alone', () => {
    fc.assert(
      fc.property(sample, fc.array(fc.jsonValue()), ({ schema }, args) => {
        const validator = new SchemaRegistry().compileArguments([schema, h.optional(schema)]);
        const before = structuredClone(args);
        const first = validator.validate(args);
        if (first !== null) expect(args).toEqual(before);
        expect(validator.validate(args)).toEqual(first);
      }),
      options,
    );
  });

  it('filling in defaults a second time changes nothing', () => {
    const withDefaults = h.object({
      n: h.integer({ default: 1 }),
      inner: h.optional(h.object({ text: h.string({ default: 'x' }) })),
      list: h.array(h.nullable(h.object({ on: h.boolean({ default: false }) })), { default: [] }),
    });
    const validator = new SchemaRegistry().compileArguments([withDefaults]);
    const inner = fc.record({ text: fc.string() }, { requiredKeys: [] });
    const list = fc.array(fc.option(fc.record({ on: fc.boolean() }, { requiredKeys: [] })));
    const value = fc.record({ n: fc.integer(), inner, list }, { requiredKeys: [] });
    fc.assert(
      fc.property(value, (sent) => {
        const args: unknown[] = [sent];
        expect(validator.validate(args)).toBeNull();
        const filled = args[0];
        expect(filled).toMatchObject(JSON.parse(JSON.stringify(sent)) as object);
        expect(validator.validate(args)).toBeNull();
        expect(args[0]).toBe(filled);
      }),
    );
  });
});

describe('arbitrary JSON as a schema', () => {
  it('is either refused with EINVAL or can be used', () => {
    const keyword = fc.constantFrom(
      ...['type', 'items', 'properties', 'required', 'enum', 'const', 'anyOf', 'not', 'default'],
      ...['pattern', 'format', '$ref', 'additionalProperties', 'minimum', 'dependencies', 'if'],
    );
    const literal = fc.dictionary(
      keyword,
      fc.oneof(fc.jsonValue(), fc.constantFrom('string', '^a')),
    );
    const schema = fc.oneof(
      literal,
      literal.map((inner) => ({ properties: { a: inner } })),
    );
    fc.assert(
      fc.property(schema, fc.jsonValue(), (candidate, value) => {
        try {
          const schemas = new SchemaRegistry();
          const errors = schemas.compileArguments([candidate]).validate([value]);
          expect(errors === null || errors.length > 0).toBe(true);
        } catch (error) {
          expect(isDispatcherError(error)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
