import { describe, expect, it, vi } from 'vitest';
import { Errno } from '../common/index.js';
import { h, SchemaRegistry } from './index.js';

describe('the schema registry', () => {
  it('finds a definition when a value is checked, whenever it was registered', () => {
    const schemas = new SchemaRegistry();
    const validator = schemas.compileArguments([h.array(h.ref('Size'))]);
    expect(() => validator.validate([[1]])).toThrow(
      expect.objectContaining({
        code: Errno.EINVAL,
        message: 'Schema definition Size is not registered',
      }) as Error,
    );
    schemas.define('Size', h.integer());
    expect(validator.validate([[1]])).toBeNull();
    schemas.undefine('Size');
    schemas.define('Size', h.string());
    expect(validator.validate([[1]])).toEqual([
      { path: [0, 0], message: 'must be string', code: 22 },
    ]);
    schemas.undefine('Size');
    expect(() => validator.validate([[1]])).toThrow('Size is not registered');
  });

  it('prepares values by the definitions of the moment, and asks for none that no value leads to', () => {
    const schemas = new SchemaRegistry();
    schemas.define(
      'Outer',
      h.object({ inner: h.ref('Inner'), rest: h.optional(h.ref('Missing')) }),
    );
    const validator = schemas.compileArguments([h.ref('Outer')]);
    for (const makeDefault of [{}, { default: 1 }, {}]) {
      schemas.define('Inner', { type: 'object', properties: { n: makeDefault } });
      const args = [{ inner: {} }];
      expect(validator.validate(args)).toBeNull();
      expect(args).toEqual([{ inner: 'default' in makeDefault ? { n: 1 } : {} }]);
      schemas.undefine('Inner');
    }
  });

  it('never fetches: an address is a name like any other', () => {
    const schemas = new SchemaRegistry();
    const validator = schemas.compileArguments([{ $ref: 'http://example.org/schema.json' }]);
    expect(() => validator.validate([1])).toThrow(
      'Schema definition http://example.org/schema.json is not registered',
    );
    expect(schemas.compileArguments([{ $ref: 'file:///etc/passwd' }]).schemas).toEqual([
      { $ref: '#/definitions/file:~1~1~1etc~1passwd' },
    ]);
  });

  it('names both owners when a name is taken', () => {
    const schemas = new SchemaRegistry();
    schemas.define('Size', h.integer(), { owner: 'disks' });
    expect(() => schemas.define('Size', h.integer(), { owner: 'shoes' })).toThrow(
      expect.objectContaining({
        code: Errno.EEXIST,
        message: 'Schema definition Size of shoes is already registered by disks',
      }) as Error,
    );
    expect(() => schemas.undefine('Weight')).toThrow(
      expect.objectContaining({ code: Errno.ENOENT }) as Error,
    );
    expect(() => schemas.define('a/b', h.integer())).toThrow('cannot name a schema definition');
  });

  it('removes at once what an owner has registered', () => {
    const schemas = new SchemaRegistry();
    schemas.define('A', h.integer(), { owner: 'one' });
    schemas.define('B', h.integer(), { owner: 'two' });
    schemas.define('C', h.integer(), { owner: 'one' });
    schemas.undefineOwned('one');
    expect(schemas.names()).toEqual(['B']);
  });

  it('hashes what is defined, not how it came about', () => {
    const [one, other] = [new SchemaRegistry(), new SchemaRegistry()];
    one.define('A', { type: 'object', properties: { x: {}, y: {} } });
    one.define('B', h.integer());
    other.define('B', h.integer());
    other.define('A', { properties: { y: {}, x: {} }, type: 'object' });
    expect(one.hash()).toMatch(/^[0-9a-f]{64}$/);
    expect(one.hash()).toBe(other.hash());
    const before = one.hash();
    one.define('C', h.null());
    expect(one.hash()).not.toBe(before);
    one.undefine('C');
    expect(one.hash()).toBe(before);
  });

  it('tells of each change until told to stop', () => {
    const schemas = new SchemaRegistry();
    const listener = vi.fn();
    const stop = schemas.onChange(listener);
    schemas.define('A', h.integer());
    expect(() => schemas.define('B', { type: 'nonsense' })).toThrow();
    schemas.undefine('A');
    expect(listener).toHaveBeenCalledTimes(2);
    stop();
    schemas.define('A', h.integer());
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it('checks recursive definitions, and what is nested without end it refuses', () => {
    const schemas = new SchemaRegistry();
    schemas.define('Tree', h.object({ children: h.array(h.ref('Tree')) }));
    const validator = schemas.compileArguments([h.ref('Tree')]);
    const deep = (depth: number, end: unknown) => {
      let tree = end;
      for (let i = 0; i < depth; i += 1) tree = { children: [tree] };
      return tree;
    };
    expect(validator.validate([deep(900, { children: [] })])).toBeNull();
    expect(validator.validate([deep(900, {})])?.[0]?.path).toHaveLength(1_802);
    expect(() => validator.validate([deep(1_000_000, {})])).toThrow('nested too deeply');
  });

  it('follows 10,000 references in a row', () => {
    const schemas = new SchemaRegistry();
    for (let i = 0; i < 10_000; i += 1) {
      schemas.define(`N${i}`, i % 2 === 0 ? h.ref(`N${i + 1}`) : h.allOf(h.ref(`N${i + 1}`)));
    }
    schemas.define('N10000', h.object({ n: h.integer({ default: 3 }) }));
    const args = [{}];
    const validator = schemas.compileArguments([h.ref('N0')]);
    expect(validator.validate(args)).toBeNull();
    expect(args).toEqual([{ n: 3 }]);
    expect(validator.validate([{ n: 'x' }])).toMatchObject([{ path: [0, 'n'] }]);
  });

  it('refuses definitions that refer to nothing but one another', () => {
    const schemas = new SchemaRegistry();
    schemas.define('A', h.ref('B'));
    schemas.define('B', h.ref('A'));
    expect(() => schemas.compileArguments([h.ref('A')]).validate([1])).toThrow(
      'Schema definition A refers only to itself',
    );
    schemas.define('C', { allOf: [h.ref('C'), h.string()] });
    expect(() => schemas.compileArguments([h.ref('C')]).validate(['x'])).toThrow('too deeply');
  });

  it('looks into the branch that fits only, however deep the value', () => {
    const schemas = new SchemaRegistry();
    const operand = h.ref('Term');
    const node = (op: string) => h.object({ op: h.enumOf([op]), left: operand, right: operand });
    schemas.define('Sum', node('+'));
    schemas.define('Product', { allOf: [node('*')] });
    schemas.define('Term', h.oneOf(Number, h.ref('Sum'), h.ref('Product')));
    let term: unknown = 'wrong';
    for (let i = 0; i < 200; i += 1) term = { op: i % 2 === 0 ? '+' : '*', left: term, right: 1 };
    const errors = schemas.compileArguments([h.ref('Term')]).validate([term]);
    expect(errors).toMatchObject([{ path: [0, ...Array<string>(200).fill('left')] }]);
  });
});
