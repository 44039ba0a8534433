import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import { JsonRpcClient } from '../support/json-rpc-client.js';
import type { PlainClient, WireErrorArgs, WireFrame } from '../support/plain-client.js';

/**
 * Values that are not what they look like (findings V1 to V4): decimals in binary, numbers that are
 * none, days that are none, integers that are rounded on the way.
 */
const PLUGIN = `
import { accepts, description, generator, h, Plugin, Provider, provider, query, queryArray, returns, Task, task } from 'dispatcher';
import { IsDivisibleBy, IsInt, IsNumber } from 'class-validator';

class Price { @IsNumber() @IsDivisibleBy(0.01) amount; }
class Count { @IsInt() of; }
const RESULTS = { infinite: Infinity, nan: { rows: [{ size: NaN }] }, map: new Map([['a', -Infinity]]), date: [new Date(NaN)],
  own: { toJSON: () => ({ a: NaN }) }, fine: [1.5e300, -0, 2 ** 60] };
const ROWS = [{ d: new Date('2024-03-01T00:00:00Z') }, { d: new Date('2024-02-29T00:00:00Z') }];

@provider('v')
export class ValueProvider extends Provider {
  @accepts(h.number({ multipleOf: 0.01 })) @returns(h.any()) price(value) { return value; }
  @accepts(h.number({ multipleOf: 1e-7 })) @returns(h.any()) tiny(value) { return value; }
  @accepts(h.with(h.long(), { multipleOf: 10, maximum: 1e30 })) @returns(h.any()) tens(value) { return value; }
  @accepts(Price) @returns(h.any()) decorated(value) { return value; }
  @accepts(h.integer()) @returns(h.any()) integer(value) { return value; }
  @accepts(h.number()) @returns(h.any()) number(value) { return value; }
  @accepts(Count) @returns(h.any()) count(value) { return value; }
  @accepts(h.long()) @returns(h.any()) long(value) { return value; }
  @accepts(h.any()) @returns(h.any()) any(value) { return value; }
  @accepts(Object) @returns(h.any()) object(value) { return value; }
  @accepts(h.datetime()) @returns(h.any()) moment(value) { return value; }
  @accepts(h.string({ format: 'date-time' })) @returns(h.any()) text(value) { return value; }
  @accepts(h.enumOf([1, 2]), h.with(h.any(), { enum: [{ $long: '9007199254740993' }] })) @returns(h.any()) one(a, b) { return b; }
  @description('unchecked') untyped(value) { return value; }
  @accepts(h.string()) result(name) { return RESULTS[name]; }
  @accepts() @returns(h.number()) typed() { return NaN; }
  @accepts() @generator() *stream() { yield 1; yield Infinity; }
  @accepts(h.string()) emit(name) { this.dispatcher.emitEvent(name, { a: { b: NaN } }); this.dispatcher.emitEvent('v.fine', { a: 1 }); }
  @query({}) query(filter, params) { return queryArray(ROWS, filter, params); }
}
@description('Gives NaN') @task('v.task', { executor: 'inline' }) @accepts() @returns(h.any())
export class Gives extends Task { verify() { return []; } run() { return { a: [NaN] }; } }
@description('Tells NaN') @task('v.told', { executor: 'inline' }) @accepts() @returns(h.any())
export class Tells extends Task { verify() { return []; } run() { this.setProgress(1, 'x', { left: Infinity }); } }
@description('Takes a number') @task('v.takes', { executor: 'inline' }) @accepts(h.any()) @returns(h.any())
export class Takes extends Task { verify() { return []; } run(value) { return value; } }
@Plugin({ providers: [ValueProvider, Gives, Tells, Takes] })
export default class ValuePlugin {}
`;

const EINVAL = 22;
const EFAULT = 14;
let server: PluginServer;
let client: PlainClient;

beforeAll(async () => {
  server = await PluginServer.start({ 'values.ts': PLUGIN });
  client = await server.admin('streaming_responses');
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => server.stop());

let lastId = 0;
/** Sends arguments as they are written, which JSON.stringify could not. */
async function callWith(method: string, args: string): Promise<WireFrame> {
  lastId += 1;
  const id = `text-${lastId}`;
  client.sendRaw(
    `{"namespace":"rpc","name":"call","id":"${id}","args":{"method":"${method}","args":${args}}}`,
  );
  return client.find((frame) => frame.id === id);
}

function errorOf({ name, args }: WireFrame): WireErrorArgs {
  expect(name, JSON.stringify(args)).toBe('error');
  return args as WireErrorArgs;
}

async function refused(method: string, args: string): Promise<WireErrorArgs> {
  const error = errorOf(await callWith(method, args));
  expect(error.code).toBe(EINVAL);
  return error;
}

async function taken(method: string, args: string): Promise<unknown> {
  const reply = await callWith(method, args);
  expect(reply.name, JSON.stringify(reply.args)).toBe('response');
  return reply.args;
}

describe('multiples of decimals', () => {
  it.each([
    ['v.price', '[19.99]'],
    ['v.price', '[1.15]'],
    ['v.price', '[0.07]'],
    ['v.price', '[-0.29]'],
    ['v.price', '[1e21]'],
    ['v.tiny', '[0.1]'],
    ['v.tens', '[{"$long":"12345678901234567890"}]'],
    ['v.decorated', '[{"amount":19.99}]'],
  ])('V1: %s takes %s', async (method, args) => {
    await taken(method, args);
  });

  it.each([
    ['v.price', '[19.995]'],
    ['v.price', '[19.990000000000002]'],
    ['v.tiny', '[0.10000001]'],
    ['v.tens', '[{"$long":"12345678901234567891"}]'],
    ['v.tens', `[{"$long":"1${'0'.repeat(31)}"}]`],
    ['v.decorated', '[{"amount":1.155}]'],
  ])('V1: %s refuses %s', async (method, args) => {
    await refused(method, args);
  });
});

describe('numbers that JSON cannot hold', () => {
  it.each([
    ['v.integer', '[1e400]'],
    ['v.number', '[-1e400]'],
    ['v.count', '[{"of":1e400}]'],
    ['v.any', '[{"a":[1e400]}]'],
    ['v.object', '[{"a":1E+999}]'],
    ['v.untyped', `[1${'0'.repeat(309)}]`],
    ['v.any', '[{"$date":1e400}]'],
    ['v.any', '{"value":1e400}'],
    ['v.query', '[[["d","=",1e400]]]'],
    ['v.query', '[[],{"limit":1e400}]'],
    ['task.submit', '["v.takes",[1e400]]'],
    ['task.submit_with_env', '["v.takes",[1],{"X":-1e400}]'],
    ['no.such_method', '[1e400]'],
  ])('V2: %s refuses %s', async (method, args) => {
    await refused(method, args);
  });

  it('V2: in a frame of another kind they are refused too, and the connection lives on', async () => {
    const frame = (name: string, rest: string): string => `{"namespace":"${name}",${rest}}`;
    client.sendRaw(frame('rpc', '"name":"continue","id":"c1","args":1e400'));
    client.sendRaw(
      frame('rpc', '"name":"call","id":"c2","args":{"method":"v.any","args":[1],"view":1e400}'),
    );
    client.sendRaw(
      frame('rpc', '"name":"auth","id":"c3","args":{"username":"root","resource":1e400}'),
    );
    client.sendRaw(
      frame('events', '"name":"event","id":"c4","args":{"name":"v.x","args":{"a":1e400}}'),
    );
    client.sendRaw(frame('events', '"name":"subscribe","id":"c5","args":[1e400]'));
    for (const id of ['c1', 'c2', 'c3', 'c4', 'c5']) {
      expect(errorOf(await client.find((answer) => answer.id === id)).code, id).toBe(EINVAL);
    }
    await expect(client.result('management.ping')).resolves.toBe('pong');
  });

  it('V2: over JSON-RPC only the entry that holds one is refused', async () => {
    const generic = await JsonRpcClient.connect(server.process.url.replace('/socket', '/jsonrpc'));
    generic.socket.send(
      '[{"jsonrpc":"2.0","method":"auth.login","params":["root",""],"id":0},' +
        '{"jsonrpc":"2.0","method":"v.any","params":["1e400"],"id":1},' +
        '{"jsonrpc":"2.0","method":"v.any","params":[1e400],"id":2},' +
        '{"jsonrpc":"2.0","method":"v.any","params":{"value":12345678901234567890},"id":3}]',
    );
    await vi.waitFor(() => expect(generic.received).toHaveLength(1));
    const answers = generic.received[0] as readonly { id: number; error?: { data: unknown } }[];
    expect(answers.filter(({ error }) => error !== undefined).map(({ id }) => id)).toEqual([2, 3]);
    expect(answers.find(({ id }) => id === 3)?.error?.data).toMatchObject({ code: EINVAL });
    generic.socket.close();
    await generic.closed;
  });

  it.each(['infinite', 'nan', 'map', 'date', 'own'])(
    'V2: a result that JSON would make null of is the fault of the server: %s',
    async (name) => {
      const error = errorOf(await client.call('v.result', name));
      expect(error.code).toBe(EFAULT);
      const reference = /reference (\w+)/.exec(error.message)?.[1] ?? 'none';
      await vi.waitFor(() => {
        const line = server.process.log
          .join('')
          .split('\n')
          .find((text) => text.includes(reference));
        expect(line).toContain('has no JSON form');
      });
    },
  );

  it('V2: so is one with a schema, one in a stream and that of a task', async () => {
    expect(errorOf(await client.call('v.typed')).code).toBe(EFAULT);
    expect(errorOf(await client.call('v.stream')).code).toBe(EFAULT);
    for (const name of ['v.task', 'v.told']) {
      const id = await client.result<number>('task.submit', name, []);
      const { state } = await client.result<{ state: string }>('task.wait', id);
      expect(state, name).toBe('FAILED');
    }
  });

  it('V2: an event with one is not delivered as something else', async () => {
    client.send('events', 'subscribe', null, ['v.*']);
    await client.result('v.emit', 'v.broken');
    const names = (): unknown[] =>
      client.received
        .filter(({ namespace, name }) => namespace === 'events' && name === 'event')
        .map(({ args }) => (args as { name: string }).name);
    await vi.waitFor(() => expect(names()).toContain('v.fine'));
    expect(names()).not.toContain('v.broken');
  });

  it('V2: the numbers that there are go both ways', async () => {
    expect(await taken('v.any', '[[1.5e300,5e-324,1e20,-1e20]]')).toEqual([
      1.5e300, 5e-324, 1e20, -1e20,
    ]);
    expect(await client.result('v.result', 'fine')).toEqual([1.5e300, 0, 2 ** 60]);
  });
});

describe('moments that there are not', () => {
  it.each([
    '2024-02-30T00:00:00Z',
    '2023-02-29',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:00:00+25:00',
    '2024-12-31T23:59:60Z',
  ])('V3: are no %s in a filter', async (text) => {
    await refused('v.query', JSON.stringify([[['d', '>=', text, 'timestamp']]]));
  });

  it.each([
    '2024-02-30T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:00:00+25:00',
    '+300000-01-01T00:00:00Z',
  ])('V3: are no {"$date": "%s"}, nor text of that format', async (text) => {
    await refused('v.moment', JSON.stringify([{ $date: text }]));
    await refused('v.any', JSON.stringify([{ $date: text }]));
    await refused('v.text', JSON.stringify([text]));
  });

  it('V3: those that there are are found', async () => {
    const filter = [['d', '=', '2024-02-29T01:00:00+01:00', 'timestamp']];
    expect(await taken('v.query', JSON.stringify([filter]))).toHaveLength(1);
    expect(await taken('v.moment', '[{"$date":"0000-02-29T00:00:00Z"}]')).toEqual({
      $date: '0000-02-29T00:00:00.000Z',
    });
  });
});

describe('integers past 2^53', () => {
  it.each([
    ['v.integer', '[12345678901234567890]'],
    ['v.integer', '[1e20]'],
    ['v.integer', '[9007199254740993.0]'],
    ['v.count', '[{"of":1e20}]'],
    ['v.number', '[12345678901234567890]'],
    ['v.any', '[{"a":[-9007199254740993]}]'],
    ['v.object', '[{"a":9007199254740993}]'],
    ['v.untyped', '[9007199254740993]'],
    ['v.long', '[12345678901234567890]'],
    ['task.submit', '["v.takes",[12345678901234567890]]'],
    ['v.query', '[[["d","in",[12345678901234567890]]]]'],
  ])('V4: are refused where they would be rounded: %s %s', async (method, args) => {
    await refused(method, args);
  });

  it('V4: the refusal says what to send, which arrives as it was sent', async () => {
    const { message } = await refused('v.any', '[12345678901234567890]');
    expect(message).toContain('12345678901234567890 is past 2^53');
    expect(message).toContain('$long');
    const long = { $long: '12345678901234567890' };
    expect(await taken('v.long', JSON.stringify([long]))).toEqual(long);
    expect(await taken('v.any', JSON.stringify([long]))).toEqual(long);
    expect(await taken('v.integer', '[9007199254740991]')).toBe(9007199254740991);
  });

  it('V4: one of a list of allowed values is told from its neighbour', async () => {
    await taken('v.one', '[1,{"$long":"9007199254740993"}]');
    await refused('v.one', '[1,{"$long":"9007199254740992"}]');
  });
});
