import { IsInt, IsString } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { Errno, Password } from '../common/index.js';
import { h, type SchemaArg, SchemaRegistry } from './index.js';

const compile = (...schemas: SchemaArg[]) => new SchemaRegistry().compileArguments(schemas);

function errorsOf(schema: SchemaArg, value: unknown): string[] {
  const errors = compile(schema).validate([value]) ?? [];
  return errors.map(({ path, message }) => `${path.join('.')} ${message}`);
}

describe('the number of arguments', () => {
  const validator = compile(String, h.integer({ default: 5 }), h.optional(Boolean));

  it('is known beforehand', () => {
    expect(validator).toMatchObject({ minimum: 1, maximum: 3 });
    expect(compile()).toMatchObject({ minimum: 0, maximum: 0 });
    expect(compile(h.optional(String), Number)).toMatchObject({ minimum: 2, maximum: 2 });
  });

  it('may leave out trailing ones that are optional or have a default', () => {
    const args = ['x'];
    expect(validator.validate(args)).toBeNull();
    expect(args).toEqual(['x', 5]);
  });

  it('is too small: each missing argument is named by its position', () => {
    expect(compile(String, Number).validate([])).toEqual([
      { path: [0], message: 'is required', code: Errno.EINVAL },
      { path: [1], message: 'is required', code: Errno.EINVAL },
    ]);
  });

  it('is too large: the first surplus position is named, beside all other errors', () => {
    expect(validator.validate([1, 2, true, 4, 5])).toEqual([
      { path: [3], message: 'is not expected: at most 3 arguments', code: 22 },
      { path: [0], message: 'must be string', code: 22 },
    ]);
    expect(compile().validate([null])).toMatchObject([{ path: [0] }]);
  });

  it('counts an undefined argument in the middle, from inside the process, as left out', () => {
    const both = compile(h.optional(String), h.integer({ default: 1 }), Number);
    const args = [undefined, undefined, 3];
    expect(both.validate(args)).toBeNull();
    expect(args).toEqual([undefined, 1, 3]);
    expect(both.validate([undefined, 1, undefined])).toMatchObject([{ path: [2] }]);
  });
});

describe('errors', () => {
  it('are all listed, with paths whose indexes are numbers and whose keys are strings', () => {
    const schema = h.object({ list: h.array(h.record(h.integer())), '0': h.boolean() });
    expect(compile(schema).validate([{ list: [{ 7: 'x' }, {}, { a: 1.5 }], '0': 1 }])).toEqual([
      { path: [0, '0'], message: 'must be boolean', code: 22 },
      { path: [0, 'list', 0, '7'], message: 'must be integer', code: 22 },
      { path: [0, 'list', 2, 'a'], message: 'must be integer', code: 22 },
    ]);
  });

  it('point at keys with characters that mean something in a pointer', () => {
    expect(errorsOf(h.object({ 'a/b~c': h.object({ 'd%20': Number }) }), { 'a/b~c': {} })).toEqual([
      '0.a/b~c.d%20 is required',
    ]);
  });

  it.each([
    [h.enumOf(['a', 'b', 1, null]), 'c', 'must be one of: a, b, 1, null'],
    [{ const: { a: 1 } }, 2, 'must be {"a":1}'],
    [h.string({ minLength: 2 }), 'a', 'must be at least 2 characters long'],
    [h.string({ maxLength: 1 }), 'ab', 'must be at most 1 character long'],
    [h.string({ pattern: '^a$' }), 'b', 'must match the pattern ^a$'],
    [h.string({ format: 'ipv4' }), 'b', 'must be a valid ipv4'],
    [h.integer({ minimum: 1 }), 0, 'must be at least 1'],
    [h.number({ exclusiveMaximum: 1 }), 1, 'must be less than 1'],
    [h.number({ multipleOf: 2 }), 1, 'must be a multiple of 2'],
    [h.array(Number, { minItems: 1 }), [], 'must have at least 1 item'],
    [h.array(Number, { uniqueItems: true }), [1, 1], 'must not have equal items'],
    [h.tuple(String), ['a', 'b'], 'must have at most 1 item'],
    [{ type: 'object', minProperties: 2 }, {}, 'must have at least 2 properties'],
    [{ type: ['string', 'array'] }, 1, 'must be string or array'],
    [h.not(h.string()), 'a', 'must not have the forbidden form'],
    [{ contains: h.string() }, [1, 2], 'must contain an item of the required form'],
    [h.nullable(h.object({ a: Number })), 'x', 'must be object or null'],
    [h.oneOf(h.integer(), h.number()), 1, 'must match only one of the allowed forms'],
  ])('of %j say what was expected of %j', (schema, value, message) => {
    expect(errorsOf(schema, value)).toEqual([`0 ${message}`]);
  });

  it('about names and dependencies lead to the property', () => {
    expect(errorsOf({ propertyNames: { maxLength: 1 } }, { ab: 1 })).toEqual([
      '0.ab ab as a name must be at most 1 character long',
    ]);
    expect(errorsOf({ dependencies: { a: ['b'] } }, { a: 1 })).toEqual([
      '0.b is required when a is given',
    ]);
    expect(errorsOf(h.allOf(h.required('a'), h.forbidden('b')), { b: 1 })).toEqual([
      '0.a is required',
      '0.b must not be given',
    ]);
  });

  it('of a union are those of the branch that was meant', () => {
    const shape = h.oneOf(
      h.object({ kind: h.enumOf(['circle']), radius: h.number() }),
      h.object({ kind: h.enumOf(['square']), side: h.number() }),
      h.array(String),
    );
    expect(errorsOf(shape, { kind: 'square', side: 'x' })).toEqual(['0.side must be number']);
    expect(errorsOf(shape, ['a', 1])).toEqual(['0.1 must be string']);
    expect(errorsOf(shape, { kind: 'oval' })).toEqual(['0.kind must be one of: circle, square']);
    expect(errorsOf(h.anyOf(h.object({ a: Number }), h.object({ b: Number })), { a: 'x' })).toEqual(
      ['0.a must be number'],
    );
    expect(errorsOf(h.anyOf(h.string({ minLength: 2 }), Number), 'a')).toEqual([
      '0 must be at least 2 characters long',
    ]);
    expect(errorsOf(h.anyOf(String, Number, null), {})).toEqual([
      '0 must be string or number or null',
    ]);
  });

  it('of hostile size stay bounded in number and in time', () => {
    const list = Array.from({ length: 300_000 }, () => 1);
    const schemas = new SchemaRegistry();
    schemas.define('Text', { type: 'string' });
    for (const items of [h.string(), h.ref('Text'), h.anyOf(h.ref('Text'), null)]) {
      const errors = schemas.compileArguments([h.array(items)]).validate([list]) ?? [];
      expect(errors.length).toBeGreaterThan(100);
      expect(errors.length).toBeLessThan(1_100);
    }
    const object = Object.fromEntries(list.map((value, index) => [`k${index}`, value]));
    expect(compile(h.object({ a: h.optional(Number) })).validate([object])?.length).toBeLessThan(
      1_100,
    );
    // the branch that comes to its limit first is not the one that fits
    expect(errorsOf(h.anyOf(h.array(String), h.array(Number)), list)).toEqual([]);
  });
});

describe('extended values', () => {
  it('are checked as what they are in code', () => {
    const schema = h.object({ when: Date, data: h.binary(), secret: h.password(), big: h.long() });
    const good = { when: new Date(), data: Buffer.of(1), secret: new Password('x'), big: 5n };
    expect(errorsOf(schema, good)).toEqual([]);
    expect(errorsOf(schema, { when: 'x', data: [], secret: 5, big: '5' })).toHaveLength(4);
    expect(errorsOf(schema, { ...good, when: { $date: '2020-01-01T00:00:00Z' } })).toEqual([
      '0.when must be a date and time ({"$date": "<ISO 8601>"})',
    ]);
  });

  it('are no plain objects', () => {
    for (const value of [new Date(), Buffer.of(1), new Password('x'), []]) {
      expect(errorsOf(Object, value)).toEqual(['0 must be object']);
    }
    expect(errorsOf(h.any(), 5n)).toEqual([]);
  });

  it('take the plain form that people write, without changing the value they are in', () => {
    const login = Object.freeze({ secret: 'x', size: 5 });
    const args: unknown[] = [login];
    expect(compile(h.object({ secret: h.password(), size: h.long() })).validate(args)).toBeNull();
    const [{ secret, size }] = args as [{ secret: Password; size: bigint }];
    expect(secret.reveal()).toBe('x');
    expect(size).toBe(5n);
    expect(login).toEqual({ secret: 'x', size: 5 });
  });

  it('never show a secret in an error', () => {
    const text = JSON.stringify(compile(h.array(h.password())).validate([[{ key: 'hunter2' }]]));
    expect(text).toContain('must be a password');
    expect(text).not.toContain('hunter2');
  });
});

describe('defaults', () => {
  const schema = h.object({
    text: h.string({ default: '' }),
    zero: h.integer({ default: 0 }),
    off: h.boolean({ default: false }),
    none: h.nullable(h.string(), { default: null }),
    list: h.array(h.object({ on: h.boolean({ default: true }) }), { default: [{}] as never }),
    when: h.datetime({ default: new Date(0) }),
  });

  it('fill in what is absent, false, zero, null and nested ones too', () => {
    const args = [{}];
    expect(compile(schema).validate(args)).toBeNull();
    expect(args).toEqual([
      { text: '', zero: 0, off: false, none: null, list: [{ on: true }], when: new Date(0) },
    ]);
  });

  it('are made afresh for each call', () => {
    const validator = compile(schema);
    const [one, other] = [[{}], [{}]] as unknown as [{ list: unknown[] }][];
    validator.validate(one!);
    validator.validate(other!);
    one![0].list.push(1);
    expect(other![0].list).toHaveLength(1);
  });

  it('do not replace null, and are not filled in when the arguments do not fit', () => {
    expect(errorsOf(h.object({ size: h.integer({ default: 1 }) }), { size: null })).toEqual([
      '0.size must be integer',
    ]);
    const args = [{}, 'x'];
    expect(compile(schema, Number).validate(args)).toHaveLength(1);
    expect(args).toEqual([{}, 'x']);
  });

  it('reach through unions, references, tuples, maps and conditions', () => {
    const schemas = new SchemaRegistry();
    schemas.define('Item', h.object({ n: h.integer({ default: 1 }) }));
    const item = h.ref('Item');
    const validator = schemas.compileArguments([
      h.object({
        nullable: h.nullable(item),
        tuple: h.tuple(item, String),
        map: h.record(item),
        all: h.allOf(item),
        condition: { if: { required: ['x'] }, then: {}, else: item },
      }),
    ]);
    const args = [{ nullable: {}, tuple: [{}, 'x'], map: { a: {} }, all: {}, condition: {} }];
    expect(validator.validate(args)).toBeNull();
    const filled = { n: 1 };
    expect(args[0]).toEqual({
      nullable: filled,
      tuple: [filled, 'x'],
      map: { a: filled },
      all: filled,
      condition: filled,
    });
  });

  it('are those of the branch that fits', () => {
    const schema = h.anyOf(
      h.object({ a: Number, x: h.integer({ default: 1 }) }),
      h.object({ b: Number, y: h.integer({ default: 2 }) }),
    );
    const args = [{ b: 1 }];
    expect(compile(schema).validate(args)).toBeNull();
    expect(args).toEqual([{ b: 1, y: 2 }]);
    const text: unknown[] = ['secret'];
    expect(compile(h.anyOf(String, h.password())).validate(text)).toBeNull();
    expect(text).toEqual(['secret']);
  });
});

describe('read-only properties', () => {
  class Base {
    @IsInt() id!: number;
    @IsString() name!: string;
  }
  const schema = {
    type: 'object',
    properties: { id: { type: 'integer', readOnly: true }, name: String },
    required: ['id', 'name'],
    additionalProperties: false,
  };
  const nested = h.object({ users: h.array(schema), other: h.nullable(schema) });

  it('are dropped from input, whatever their value', () => {
    const args = [{ users: [{ id: 1, name: 'a' }, { name: 'b' }], other: { id: 'x', name: 'c' } }];
    expect(compile(nested).validate(args)).toBeNull();
    expect(args).toEqual([{ users: [{ name: 'a' }, { name: 'b' }], other: { name: 'c' } }]);
  });

  it('are an error under strict validation, only where present', () => {
    const args = [{ users: [{ id: 1, name: 'a' }, { name: 'b' }], other: null }];
    expect(compile(nested).validate(args, { strict: true })).toEqual([
      { path: [0, 'users', 0, 'id'], message: 'Property id is read-only', code: 22 },
    ]);
  });

  it('are ordinary in results', () => {
    const result = new SchemaRegistry().compileValue(schema, 'result');
    expect(result.validate({ id: 1, name: 'a' })).toBeNull();
    expect(result.validate({ id: 'x' })).toMatchObject([{ path: ['name'] }, { path: ['id'] }]);
  });

  it('leave an instance of a class what it is', () => {
    const user = Object.assign(new Base(), { id: 1, name: 'a' });
    const args: unknown[] = [user];
    expect(compile(schema).validate(args)).toBeNull();
    expect(args[0]).toBeInstanceOf(Base);
    expect(args[0]).not.toBe(user);
    expect(user.id).toBe(1);
  });
});

describe('results', () => {
  class Row {
    @IsString() name!: string;
  }
  const result = (schema: SchemaArg) => new SchemaRegistry().compileValue(schema, 'result');

  it('may have more properties than their class, as stores add columns', () => {
    expect(result(Row).validate({ name: 'a', id: 7 })).toBeNull();
    expect(result(h.array(h.object({ a: Number }))).validate([{ a: 1, b: 2 }])).toBeNull();
    expect(result({ properties: {}, additionalProperties: false }).validate({ a: 1 })).toHaveLength(
      1,
    );
  });

  it('are never filled in or changed', () => {
    const value = Object.freeze({});
    expect(result(h.object({ n: h.integer({ default: 1 }) })).validate(value)).toBeNull();
    expect(value).toEqual({});
  });

  it('must hold a Password where one is declared, as a string would show', () => {
    expect(result(h.password()).validate('secret')).toHaveLength(1);
  });
});

describe('properties that every object seems to have', () => {
  it('count only when the value owns them', () => {
    const schema = h.object({ constructor: String, toString: h.optional(Number) });
    expect(errorsOf(schema, {})).toEqual(['0.constructor is required']);
    expect(errorsOf(schema, { constructor: 'x', toString: 1 })).toEqual([]);
  });

  it('are data when they are sent', () => {
    const value: unknown = JSON.parse('{"__proto__": {"admin": true}, "a": 1}');
    expect(errorsOf(h.object({ a: Number }), value)).toEqual([
      '0.__proto__ is not a known property',
    ]);
    const args = [JSON.parse('{"__proto__": {"x": 1}}')] as [object];
    expect(
      compile({ type: 'object', properties: { n: { default: 1 } } }).validate(args),
    ).toBeNull();
    expect(Object.getPrototypeOf(args[0])).toBe(Object.prototype);
    expect(Object.keys(args[0]).sort()).toEqual(['__proto__', 'n']);
  });
});
