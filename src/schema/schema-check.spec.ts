import { describe, expect, it } from 'vitest';
import { Errno } from '../common/index.js';
import { SchemaRegistry, type SchemaArg } from './index.js';
import { checkSchema } from './schema-check.js';

const refusal = (schema: unknown): string => {
  const schemas = new SchemaRegistry();
  try {
    schemas.define('Thing', schema as SchemaArg);
  } catch (error) {
    expect(error).toMatchObject({ code: Errno.EINVAL });
    expect(schemas.has('Thing')).toBe(false);
    return (error as Error).message;
  }
  return 'accepted';
};

describe('a schema at registration', () => {
  it.each([
    [{ type: 'text' }, 'at type'],
    [{ properties: { size: { type: 'integer', minimum: '1' } } }, 'at properties.size.minimum'],
    [{ type: 'string', format: 'colour' }, 'at format: unknown format colour'],
    [{ items: { pattern: '(' } }, 'at items.pattern: pattern ( cannot be used'],
    [{ pattern: '(?=x)' }, 'at pattern'],
    [{ pattern: '(a)\\1' }, 'at pattern'],
    [{ patternProperties: { '(?<!x)y': {} } }, 'at patternProperties'],
    [{ propertis: {} }, 'at propertis: unknown keyword, did you mean properties?'],
    [{ properties: { id: { readonly: true } } }, 'did you mean readOnly?'],
    [{ definitions: {} }, 'at definitions: register each definition by its name'],
    [{ unevaluatedProperties: false }, 'not in draft-07'],
    [{ $ref: '#/properties/x' }, 'at $ref: must name a registered definition'],
    [{ anyOf: [{ $ref: 7 }] }, 'at anyOf.0.$ref'],
    [{ properties: { a: undefined } }, 'at properties.a: it is undefined'],
    [{ items: 'string' }, 'at items: a schema is a class, an object or null'],
    [{ properties: JSON.parse('{"__proto__": {}}') as object }, 'cannot be named __proto__'],
    [{ 'x-dispatcher-type': 'wish' }, 'unknown type "wish"'],
    [undefined, 'it is undefined'],
  ])('refuses %j, saying where and why', (schema, message) => {
    expect(refusal(schema)).toContain('Schema definition Thing');
    expect(refusal(schema)).toContain(message);
  });

  it.each([
    [{ type: 'string', 'x-widget': 'area', widget: 1, order: 2 }],
    [{ $schema: 'http://json-schema.org/draft-04/schema#', $id: 'http://example.org/thing' }],
    [{ pattern: '^\\p{L}+\\s[\\w.-]{2,}$' }],
    [true],
  ])('accepts %j', (schema) => {
    expect(refusal({ items: schema })).toBe('accepted');
  });

  it('reads the exclusive bounds of draft 4', () => {
    const schema = { type: 'number', minimum: 1, exclusiveMinimum: true, maximum: 2 };
    expect(
      new SchemaRegistry().toJsonSchema({ ...schema, exclusiveMaximum: false } as SchemaArg),
    ).toEqual({ type: 'number', exclusiveMinimum: 1, maximum: 2 });
  });
});

it('a schema with a value that is none of a list is refused with both', () => {
  expect(() => checkSchema({ type: 'strin' })).toThrow(
    /^Invalid schema at type: "strin" is none of "array", "boolean"/,
  );
});

it('a pattern that RE2 cannot read is refused with the reason', () => {
  expect(() => checkSchema({ type: 'string', pattern: '^(?=a)b' })).toThrow(
    'patterns are those of RE2, without look-ahead',
  );
});
