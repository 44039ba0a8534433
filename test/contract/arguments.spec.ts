import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient, WireErrorArgs } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

const PLUGIN = `
import { accepts, description, h, params, Plugin, Provider, provider, query, queryArray, returns, sender,
         type Filter, type QueryParams, type Sender } from 'dispatcher';
import { IsArray, IsIn, IsInt, IsOptional, IsString, Min, MinLength, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';

export class Address { @IsString() @MinLength(2) street!: string; @IsInt() @Min(1) number!: number; }
export class Person {
  @IsString() @MinLength(1) name!: string;
  @IsInt() @IsOptional() age?: number;
  @IsIn(['a', 'b']) @IsOptional() kind?: string;
  @ValidateNested({ each: true }) @Type(() => Address) @IsArray() @IsOptional() addresses?: Address[];
}
const ROWS = [1, 2, 3, 4, 5].map((id) => ({ id, name: 'row ' + id }));

abstract class Base extends Provider {
  @description('A decorated method of the parent class') @accepts() @returns(String)
  inherited() { return 'reached'; }
}

@provider('args')
export class ArgsProvider extends Base {
  @accepts(Person) @returns(h.any()) person(person: Person) { return person; }
  @accepts(String, h.integer(), h.optional(Boolean)) @returns(h.any())
  three(first: string, second: number, third?: boolean) { return [first, second, third ?? null]; }
  @accepts(h.integer({ default: 7 }), h.object({ a: h.string({ default: 'x' }), b: h.object({ c: h.integer({ default: 1 }) }, {}) }))
  @returns(h.any()) defaults(count: number, options: any) { return [count, options]; }
  @accepts(h.object({ id: h.readonly(h.integer()), name: h.string() })) @returns(h.any())
  update(row: any) { return row; }
  @accepts(h.ref('NowhereDefined')) @returns(h.any()) dangling(value: any) { return value; }
  @accepts(h.any()) @returns(h.any()) echo(value: any) { return value; }
  @description('No schemas at all') bare(a: any, b: any) { return [a, b]; }
  @accepts(h.any(), h.any()) @returns(h.any()) pattern({ a }: any, [b]: any) { return [a, b]; }
  @accepts(h.any(), h.any()) @returns(h.any()) @params('left', 'right') named({ a }: any, [b]: any) { return [a, b]; }
  @accepts(String) @returns(h.any()) withSender(text: string, @sender() who: Sender) { return [text, who.user]; }
  @query(Object) query(filter: Filter, params: QueryParams) { return queryArray(ROWS, filter, params); }
  @accepts() @returns(String) longWireName() { return 'snake'; }
  undecorated() { return 'reached'; }
}

@Plugin({ schemas: [Address, Person], providers: [ArgsProvider] })
export default class ArgsPlugin {}
`;

const FAILED = 'One or more passed arguments failed schema verification';

let server: PluginServer;
let client: PlainClient;

beforeAll(async () => {
  server = await PluginServer.start({ 'args/index.ts': PLUGIN });
  client = await server.admin();
});
afterAll(() => server.stop());

const call = (method: string, args: unknown) => client.request('rpc', 'call', { method, args });

async function errorPaths(method: string, args: unknown): Promise<unknown[][]> {
  const { code, message, extra } = (await call(method, args)).args as WireErrorArgs;
  expect({ code, message }).toEqual({ code: 22, message: FAILED });
  for (const error of extra as object[]) {
    expect(error).toEqual({
      path: expect.any(Array) as unknown,
      message: expect.any(String) as unknown,
      code: 22,
    });
  }
  return (extra as { path: unknown[] }[]).map(({ path }) => path);
}

describe('the methods of a provider', () => {
  it.each(['undecorated', 'inherited', 'constructor', 'to_string', '__proto__', 'dispatcher'])(
    'do not include %s, which carries no decorator of its own',
    async (name) => {
      expect((await call(`args.${name}`, [])).args).toMatchObject({
        code: 2,
        message: 'Method not found',
      });
    },
  );

  it('go by the snake_case of their TypeScript names, and by no other', async () => {
    expect(await client.result('args.long_wire_name')).toBe('snake');
    expect((await call('args.longWireName', [])).args).toMatchObject({ code: 2 });
  });
});

describe('arguments that do not fit', () => {
  const TABLE: readonly (readonly [string, string, unknown, unknown[][]])[] = [
    ['a missing property', 'args.person', [{}], [[0, 'name']]],
    ['a wrong type', 'args.person', [{ name: 5 }], [[0, 'name']]],
    ['a value that is none of the enum', 'args.person', [{ name: 'x', kind: 'c' }], [[0, 'kind']]],
    ['a property that the class does not have', 'args.person', [{ name: 'x', no: 1 }], [[0, 'no']]],
    [
      'several errors, nested ones included',
      'args.person',
      [{ name: '', age: 'old', addresses: [{ street: 'High', number: 1 }, { street: 'H' }] }],
      [
        [0, 'name'],
        [0, 'age'],
        [0, 'addresses', 1, 'street'],
        [0, 'addresses', 1, 'number'],
      ],
    ],
    ['too few', 'args.three', ['a'], [[1]]],
    ['none at all', 'args.three', null, [[0], [1]]],
    ['too many', 'args.three', ['a', 1, true, 4, 5], [[3]]],
    ['too many and wrong ones together', 'args.three', [1, 1, true, 4], [[0], [3]]],
    ['a fraction for an integer', 'args.three', ['a', 1.5], [[1]]],
    ['null for a value that may be left out but not be null', 'args.three', ['a', 1, null], [[2]]],
    ['an argument to a method without any', 'args.long_wire_name', [1], [[0]]],
    ['a named one of the wrong type', 'args.three', { first: 1, second: 2 }, [['first']]],
    ['a named one that is missing', 'args.three', { first: 'a' }, [['second']]],
    ['nested in a named one', 'args.person', { person: { name: 1 } }, [['person', 'name']]],
    ['an unknown name', 'args.three', { first: 'a', second: 1, fourth: 1 }, [['fourth']]],
    [
      'a name of Object.prototype',
      'args.three',
      { first: 'a', second: 1, toString: 1 },
      [['toString']],
    ],
  ];

  it.each(TABLE)('are listed with their paths: %s', async (_, method, args, paths) => {
    const found = await errorPaths(method, args);
    expect(found).toHaveLength(paths.length);
    expect(found).toEqual(expect.arrayContaining(paths));
  });

  it('are an error that names the definition when a $ref leads nowhere', async () => {
    const { args } = await call('args.dangling', [{}]);
    expect(args).toMatchObject({
      code: 22,
      message: expect.stringContaining('NowhereDefined') as string,
    });
  });
});

describe('arguments that fit', () => {
  it.each<[string, string, unknown, unknown]>([
    ['by position', 'args.three', ['a', 1, true], ['a', 1, true]],
    ['without the optional one', 'args.three', ['a', 1], ['a', 1, null]],
    ['by name, in any order', 'args.three', { second: 2, first: 'b' }, ['b', 2, null]],
    ['by name in front of a decorated parameter', 'args.with_sender', { text: 'x' }, ['x', 'root']],
    ['by position in front of a decorated parameter', 'args.with_sender', ['x'], ['x', 'root']],
    ['by names that @params gave', 'args.named', { right: [2], left: { a: 1 } }, [1, 2]],
    ['to a method without schemas', 'args.bare', [1, { a: [null] }], [1, { a: [null] }]],
    ['by name to a method without schemas', 'args.bare', { b: 2, a: 1 }, [1, 2]],
    ['to a query', 'args.query', [[['id', '>', 3]], { select: 'id' }], [4, 5]],
    ['to a query, by name', 'args.query', { params: { count: true } }, 5],
    ['none to a query', 'args.query', [null, { single: true, sort: '-id', select: 'id' }], 5],
  ])('reach the method: %s', async (_, method, args, result) => {
    expect(await call(method, args)).toMatchObject({ name: 'response', args: result });
  });

  it('are refused by name where the names cannot be known', async () => {
    const { args } = await call('args.pattern', { a: 1 });
    expect(args).toMatchObject({ code: 22, name: 'EINVAL' });
  });

  it.each<[string, unknown, unknown]>([
    ['of an argument left out by name', { options: { b: {} } }, [7, { a: 'x', b: { c: 1 } }]],
    ['deep in an object', [3, { b: {} }], [3, { a: 'x', b: { c: 1 } }]],
    [
      'and not over a value that was given',
      [1, { a: 'y', b: { c: 2 } }],
      [1, { a: 'y', b: { c: 2 } }],
    ],
  ])('get the defaults of the schema: %s', async (_, args, result) => {
    expect((await call('args.defaults', args)).args).toEqual(result);
  });

  it('keep keys such as __proto__ as plain data', async () => {
    const text = '{"__proto__":{"x":1},"constructor":{"prototype":{"y":{"$long":"1"}}}}';
    client.sendRaw(
      `{"namespace":"rpc","name":"call","id":"proto","args":{"method":"args.echo","args":[${text}]}}`,
    );
    const { args } = await client.find(({ id }) => id === 'proto');
    expect(JSON.stringify(args)).toBe(text);
  });

  it('come back unchanged when they are large or wide', async () => {
    const wide = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, i) => [`key ${i}`, [i, null]]),
    );
    expect((await call('args.echo', [wide])).args).toEqual(wide);
    const text = 'ä€😀\u0000\ud800"\\'.repeat(50_000);
    expect((await call('args.echo', [text])).args).toBe(text);
  });
});

describe('readOnly properties', () => {
  it('are dropped from input, and an error once strict_validation is on for the connection', async () => {
    const strict = await server.admin('strict_validation');
    expect(await client.result('args.update', { id: 1, name: 'x' })).toEqual({ name: 'x' });
    const reply = await strict.call('args.update', { id: 1, name: 'x' });
    expect(reply.args).toMatchObject({ code: 22, message: FAILED, extra: [{ path: [0, 'id'] }] });
    expect(await strict.result('args.update', { name: 'x' })).toEqual({ name: 'x' });
    expect(await client.result('args.update', { id: 1, name: 'x' })).toEqual({ name: 'x' });
    expect(await client.result('management.get_enabled_features')).toEqual([]);
  });
});

describe('filters of a query', () => {
  it.each<[string, unknown]>([
    ['an unknown operator', [['id', 'like', 1]]],
    ['a bad regular expression', [['name', '~', '(']]],
    ['a back-reference', [['name', '~', '(a)\\1']]],
    ['a tuple that is too short', [['id', '=']]],
    ['something that is no array', 'id = 1'],
    ['33 levels', nested(33)],
  ])('with %s are EINVAL', async (_, filter) => {
    expect((await call('args.query', [filter])).args).toMatchObject({ code: 22 });
  });

  it('single without a match is null, count ignores offset and limit', async () => {
    expect(await client.result('args.query', [['id', '=', 9]], { single: true })).toBeNull();
    expect(await client.result('args.query', [], { count: true, offset: 3, limit: 1 })).toBe(5);
  });
});

function nested(depth: number): unknown {
  let filter: unknown[] = ['id', '=', 1];
  for (let i = 0; i < depth; i += 1) filter = ['and', [filter]];
  return [filter];
}
