import { describe, expect, it } from 'vitest';
import { h, SchemaRegistry, type SchemaArg } from '../../schema/index.js';

const published = (schema: SchemaArg) => new SchemaRegistry().toJsonSchema(schema);

describe('h', () => {
  it('builds plain JSON Schema with the given keywords', () => {
    expect(published(h.string({ minLength: 1, description: 'A name' }))).toEqual({
      type: 'string',
      minLength: 1,
      description: 'A name',
    });
    expect(published(h.integer({ minimum: 0, default: 0 }))).toEqual({
      type: 'integer',
      minimum: 0,
      default: 0,
    });
    expect(published(h.any())).toEqual({});
  });

  it('requires the properties of an object but for optional, read-only and defaulted ones', () => {
    const schema = h.object({
      name: String,
      size: h.optional(h.integer()),
      id: h.readonly(Number),
      mode: h.string({ default: 'auto' }),
    });
    expect(published(schema)).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string' },
        size: { type: 'integer' },
        id: { type: 'number', readOnly: true },
        mode: { type: 'string', default: 'auto' },
      },
      required: ['name'],
      additionalProperties: false,
      'x-dispatcher-closed': 'arguments',
    });
  });

  it('leaves an object without named properties open', () => {
    expect(published(h.object())).toEqual({ type: 'object' });
    expect(published(h.record(h.integer()))).toEqual({
      type: 'object',
      additionalProperties: { type: 'integer' },
    });
  });

  it('takes the values of lists and of both kinds of enum', () => {
    enum Level {
      Low,
      High,
    }
    enum State {
      On = 'on',
      Off = 'off',
    }
    expect(published(h.enumOf(['a', 1, null]))).toEqual({ enum: ['a', 1, null] });
    expect(published(h.enumOf(Level))).toEqual({ enum: [0, 1] });
    expect(published(h.enumOf(State))).toEqual({ enum: ['on', 'off'] });
  });

  it('publishes references as pointers and keeps keywords beside them valid', () => {
    expect(published(h.ref('Disk'))).toEqual({ $ref: '#/definitions/Disk' });
    expect(published({ $ref: 'Disk' })).toEqual({ $ref: '#/definitions/Disk' });
    expect(published(h.with(h.ref('Disk'), { description: 'The first' }))).toEqual({
      allOf: [{ $ref: '#/definitions/Disk' }],
      description: 'The first',
    });
  });

  it('counts the positions of a tuple up to the last one that must be there', () => {
    expect(published(h.tuple(String, Number, h.optional(Boolean)))).toMatchObject({
      minItems: 2,
      additionalItems: false,
    });
  });

  it('publishes the wire form of values that JSON has not', () => {
    expect(published(h.datetime())).toMatchObject({
      'x-dispatcher-type': 'datetime',
      properties: { $date: { type: 'string', format: 'date-time' } },
      required: ['$date'],
    });
    expect(published(Date)).toEqual(published(h.datetime()));
    expect(published({ type: 'binary' })).toEqual(published(h.binary()));
    expect(published(h.datetime({ default: new Date(0) }))).toMatchObject({
      default: { $date: '1970-01-01T00:00:00.000Z' },
    });
  });

  it('understands classes, natives and null wherever a schema may stand', () => {
    const schema = { type: 'object', properties: { list: h.array(String), none: null } };
    expect(published(schema)).toEqual({
      type: 'object',
      properties: { list: { type: 'array', items: { type: 'string' } }, none: { type: 'null' } },
    });
  });
});
