import { describe, expect, it } from 'vitest';
import { check } from './check.js';
import { exampleNumber, exampleOf } from './example.js';
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
  summaryOf,
} from './index.js';
import { sampleOfPattern } from './pattern-sample.js';

const bookOf = (definitions: Record<string, Schema> = {}): SchemaIndex =>
  new SchemaIndex(new Map(Object.entries(definitions)));
const schemaIndex = bookOf();

function problemsOf(schema: JsonObject, value: Json, within = schemaIndex): string[] {
  const verdict = check(within.bundle(schema), value);
  if (verdict.kind === 'unchecked') return [`unchecked: ${verdict.reason}`];
  return verdict.problems.map(({ path, message }) => `${path.join('.')} ${message}`);
}

describe('a schema without end', () => {
  it('that requires itself opens as far as a person would, then as JSON', () => {
    const endless = bookOf({
      Node: {
        type: 'object',
        properties: { next: { $ref: '#/definitions/Node' } },
        required: ['next'],
      },
    });
    const form = empty({ $ref: '#/definitions/Node' }, endless);
    expect(JSON.stringify(form).length).toBeLessThan(20_000);
  });

  it('that is only a circle of names is anything', () => {
    const circle = bookOf({ A: { $ref: '#/definitions/B' }, B: { $ref: '#/definitions/A' } });
    expect(circle.shapeOf({ $ref: '#/definitions/A' })).toEqual({ kind: 'any' });
    expect(problemsOf({ $ref: '#/definitions/A' }, 1, circle)[0]).toMatch(/^unchecked/);
    const folded = bookOf({ A: { allOf: [{ $ref: '#/definitions/A' }] } });
    expect(folded.shapeOf({ $ref: '#/definitions/A' }).kind).toBe('any');
  });

  it('holds a value as deep as a message can be', () => {
    const tree = bookOf({
      Tree: { type: 'object', properties: { of: { $ref: '#/definitions/Tree' } } },
    });
    let value: Json = {};
    for (let i = 0; i < 900; i += 1) value = { of: value };
    expect(read(fill({ $ref: '#/definitions/Tree' }, value, tree)).value).toEqual(value);
  });
});

describe('a hostile schema', () => {
  it('with ten thousand options is a choice', () => {
    const options = Array.from({ length: 10_000 }, (_, n) => `option ${n}`);
    const form = fill({ enum: options }, 'option 9999', schemaIndex);
    expect(form).toMatchObject({ kind: 'choice', index: 9_999 });
    expect(summaryOf({ enum: options }, schemaIndex)).toBe('one of 10000');
  });

  it('with a pattern that never ends is shown and filled without running it', () => {
    const bomb = { type: 'string', pattern: '^(([a-z])+.)+[A-Z]([a-z])+$' };
    const started = performance.now();
    const value = 'a'.repeat(50_000);
    expect(read(fill(bomb, value, schemaIndex)).value).toBe(value);
    expect(typeof sampleOfPattern(bomb.pattern)).toBe('string');
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('with markup in its words keeps them as words', () => {
    const title = '<script>alert(1)</script>';
    const [parameter] = parametersOf({
      schemas: [{ title, type: 'string' }],
      names: null,
      minimum: 1,
    });
    expect(parameter?.label).toBe(title);
  });

  it('of nonsense is a box of JSON', () => {
    for (const schema of [
      { type: 'thing' },
      { type: 5 },
      { properties: 7, type: 'strange' },
      { $ref: 'http://x/y' },
      { anyOf: 3 },
    ]) {
      expect(fill(schema as unknown as Schema, { a: 1 }, schemaIndex).kind).toBe('json');
    }
    expect(problemsOf({ type: 'string', pattern: '(' }, 'x')[0]).toMatch(/^unchecked/);
  });

  it('with a property like those that every object seems to have takes it as data', () => {
    const schema: JsonObject = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"number"},"constructor":{"type":"string"}}}',
    ) as JsonObject;
    const value = JSON.parse('{"__proto__":1,"constructor":"x"}') as Json;
    const { value: back } = read(fill(schema, value, schemaIndex));
    expect(JSON.stringify(back)).toBe(JSON.stringify(value));
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect(read(empty(schema, schemaIndex)).value).toEqual({});
  });

  it('of ten thousand properties opens at once', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, n) => [`p${n}`, { type: 'string' }]),
    );
    const started = performance.now();
    expect(read(empty({ type: 'object', properties }, schemaIndex)).value).toEqual({});
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('every keyword', () => {
  const everything: JsonObject = {
    title: 'All',
    type: 'object',
    minProperties: 1,
    maxProperties: 9,
    propertyNames: { maxLength: 20 },
    properties: {
      text: { type: 'string', minLength: 2, maxLength: 5, pattern: '^a+$' },
      number: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, multipleOf: 0.25 },
      list: {
        type: 'array',
        items: { type: 'integer' },
        contains: { minimum: 5 },
        minItems: 2,
        maxItems: 3,
        uniqueItems: true,
      },
      tuple: {
        type: 'array',
        items: [{ type: 'string' }, { type: 'boolean' }],
        additionalItems: false,
        minItems: 2,
      },
      mail: { type: 'string', format: 'email' },
      not: { not: { type: 'null' } },
    },
    patternProperties: { '^x-': { type: 'string' } },
    additionalProperties: false,
    required: ['text', 'number', 'list', 'tuple', 'mail', 'not'],
    dependencies: { text: ['number'] },
    if: { properties: { number: { minimum: 2 } } },
    then: { required: ['nothing'] },
    else: {},
  };
  const accepts = (schema: Schema, value: Json) =>
    problemsOf({ allOf: [schema] }, value).length === 0;

  it('has an example that fits', () => {
    const value = exampleOf(everything, { schemaIndex, accepts });
    expect(value).toBeDefined();
    expect(problemsOf(everything, value!)).toEqual([]);
  });

  it('says at which field what is wrong', () => {
    const wrong = { text: 'b', number: 2, list: [1, 1, 'x'], tuple: ['a'], mail: 'x', not: null };
    const problems = problemsOf(everything, wrong);
    for (const expected of [
      'text must be at least 2 characters long',
      'text must match the pattern ^a+$',
      'number must be less than 1',
      'list.2 must be integer',
      'list must not have equal items',
      'tuple must have at least 2 items',
      'mail must be a valid email',
      'not must not have the forbidden form',
    ]) {
      expect(problems).toContain(expected);
    }
  });
});

describe('problems', () => {
  const shape: JsonObject = {
    oneOf: [
      {
        type: 'object',
        properties: { kind: { const: 'circle' }, radius: { type: 'number', minimum: 0 } },
        required: ['kind', 'radius'],
      },
      {
        type: 'object',
        properties: { kind: { const: 'square' }, side: { type: 'number' } },
        required: ['kind', 'side'],
      },
    ],
  };

  it('name what is missing and what is not known', () => {
    const schema: JsonObject = {
      type: 'object',
      properties: { 'a/b': { type: 'object', required: ['c d'] } },
      additionalProperties: false,
    };
    expect(problemsOf(schema, { 'a/b': {}, e: 1 })).toEqual([
      'a/b.c d is required',
      'e is not a known property',
    ]);
  });

  it('of a union are those of the alternative that was meant', () => {
    expect(problemsOf(shape, { kind: 'circle', radius: -1 })).toEqual([
      'radius must be at least 0',
    ]);
    expect(problemsOf(shape, 5)).toEqual([' must match exactly one of the allowed forms']);
  });

  it('of what was typed come before any check', () => {
    const schema: JsonObject = {
      type: 'object',
      properties: { n: { type: 'integer' } },
      required: ['n'],
    };
    const form = empty(schema, schemaIndex);
    if (form.kind !== 'object') throw new Error('an object is entered as one');
    const typed = {
      ...form,
      fields: [
        {
          name: 'n',
          isPresent: true,
          node: { kind: 'number' as const, schema: true, text: '1,5' },
        },
      ],
    };
    expect(read(typed)).toEqual({
      value: {},
      problems: [{ path: ['n'], message: 'is no number' }],
    });
    const huge = { kind: 'number' as const, schema: true, text: '9007199254740993' };
    expect(read(huge).problems[0]?.message).toContain('too large');
  });
});

describe('arguments', () => {
  const parameters = parametersOf({
    schemas: [{ type: 'string' }, { type: 'integer' }],
    names: ['name', 'size'],
    minimum: 1,
  });

  it('that are optional are left out until they are given', () => {
    const form = emptyArguments(parameters, schemaIndex);
    expect(readArguments(form).args).toEqual(['']);
    expect(readArguments(fillArguments(parameters, ['a', 5], schemaIndex)).args).toEqual(['a', 5]);
  });

  it('that are too many are there, and the check says so', () => {
    const { args } = readArguments(fillArguments(parameters, ['a', 5, true], schemaIndex));
    expect(args).toEqual(['a', 5, true]);
    expect(problemsOf(argumentsSchema(parameters, schemaIndex), args)).toEqual([
      '2 is not expected',
    ]);
  });

  it('hide passwords where they are to be kept', () => {
    const secret: JsonObject = {
      'x-dispatcher-type': 'password',
      type: ['object', 'string'],
      properties: { $password: { type: 'string' } },
    };
    const form = fillArguments(
      parametersOf({ schemas: [secret, true], names: null, minimum: 2 }),
      [{ $password: 'x' }, { deep: [{ $password: 'y' }] }],
      schemaIndex,
    );
    expect(readArguments(form).args).toEqual([{ $password: 'x' }, { deep: [{ $password: 'y' }] }]);
    expect(JSON.stringify(readArguments(form, { hidesSecrets: true }).args)).not.toMatch(/x|y/);
  });
});

describe('examples', () => {
  it.each([
    ['^[a-z][a-z0-9-]{2,}$', 0],
    ['^\\d{3}-(foo|bar)$', 0],
    ['^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$', 0],
    ['^-?[0-9]{1,40}$', 12],
    ['^[^/\\s]+$', 4],
  ])('of the pattern %s match it', (pattern, minLength) => {
    const sample = sampleOfPattern(pattern, minLength) ?? '';
    expect(sample).toMatch(new RegExp(pattern));
    expect(sample.length).toBeGreaterThanOrEqual(minLength);
  });

  it('of numbers are the nearest to zero', () => {
    expect(exampleNumber({ minimum: 3.5 }, true)).toBe(4);
    expect(exampleNumber({ maximum: -3 }, true)).toBe(-3);
    expect(exampleNumber({ exclusiveMinimum: 0, maximum: 0.5 }, false)).toBeGreaterThan(0);
    expect(exampleNumber({ minimum: 1, multipleOf: 7 }, true)).toBe(7);
  });
});
