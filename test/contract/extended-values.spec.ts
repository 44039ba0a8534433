import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

const SECRET = 'OPEN-SESAME-7391';

const PLUGIN = `
import { accepts, description, Errno, h, Password, Plugin, Provider, provider, returns, RpcException } from 'dispatcher';

@provider('values')
export class ValuesProvider extends Provider {
  @accepts(h.any()) @returns(h.any()) echo(value: any) { return value; }
  @accepts(h.any()) @returns(String) kind(value: any) {
    return typeof value === 'object' ? value.constructor.name : typeof value;
  }
  @accepts(h.datetime(), h.binary(), h.password(), h.long()) @returns(h.array(String))
  typed(date: Date, bytes: Uint8Array, password: any, long: bigint) {
    return [String(date.getTime()), Buffer.from(bytes).toString('hex'), String(password), String(long + 1n)];
  }
  @accepts(h.password()) @returns(Boolean) matches(password: Password) { return password.reveal() === '${SECRET}'; }
  @accepts(h.any()) @returns(h.any()) leak(password: any) {
    console.error(password, String(password), JSON.stringify({ password }));
    this.logger.error('Password seen', { password, nested: { list: [password] }, text: 'in text: ' + password });
    this.dispatcher.emitEvent('values.leak', { password, nested: [{ password }] });
    throw new RpcException(Errno.EIO, 'Got ' + password, { password });
  }
  @accepts(h.any()) @returns(h.any()) crash(password: any) {
    throw Object.assign(new Error('with ' + password), { password, args: [password] });
  }
  @accepts(h.object({ username: String, password: h.integer() })) @returns(h.any()) wrong(value: any) { return value; }
  @accepts(h.enumOf(['a', 'b'])) @returns(h.any()) oneOf(value: any) { return value; }
  @accepts(h.oneOf(h.integer(), h.object({ password: String }))) @returns(h.any()) branch(value: any) { return value; }
  @accepts(h.any()) @returns(h.object({ password: h.integer() })) badResult(value: any) { return value; }
  @accepts() @returns(h.any()) longs() { return [2n ** 63n, -(2n ** 70n), 5n]; }
}
@Plugin({ providers: [ValuesProvider] }) export default class {}
`;

let server: PluginServer;
let client: PlainClient;

beforeAll(async () => {
  server = await PluginServer.start(
    { 'values.ts': PLUGIN },
    { dispatcher: { 'log-level': 'trace' } },
  );
  client = await server.admin();
});
afterAll(() => server.stop());

const DATE = { $date: '2024-02-29T12:34:56.789Z' };
const BINARY = { $binary: 'AAECAwT/' };
const LONG = { $long: '9223372036854775808' };

describe('an extended value', () => {
  it.each<[string, unknown, string]>([
    ['$date', DATE, 'Date'],
    ['$binary', BINARY, 'Buffer'],
    ['$long', LONG, 'bigint'],
    ['$password', { $password: 'x' }, 'Password'],
    ['an object with one key more', { $date: DATE.$date, other: 1 }, 'Object'],
    ['an unknown key', { $regex: 'x' }, 'Object'],
  ])('arrives as a value of its own: %s', async (_, value, kind) => {
    expect(await client.result('values.kind', value)).toBe(kind);
  });

  it('comes back as it was sent, however deep it lies', async () => {
    const value = { a: [{ b: DATE }, BINARY, [LONG]], c: { $other: 1 }, d: { $date: 1, e: DATE } };
    expect(await client.result('values.echo', value)).toEqual(value);
  });

  it('may be written with an escaped dollar sign', async () => {
    client.sendRaw(
      '{"namespace":"rpc","name":"call","id":"esc","args":{"method":"values.kind","args":[{"\\u0024date":"2024-01-01T00:00:00Z"}]}}',
    );
    expect((await client.find(({ id }) => id === 'esc')).args).toBe('Date');
  });

  it('fits its own schema and no other', async () => {
    const args = [DATE, BINARY, { $password: 'p' }, LONG];
    expect(await client.result('values.typed', ...args)).toEqual([
      String(Date.parse(DATE.$date)),
      '00010203' + '04ff',
      '<hidden>',
      '9223372036854775809',
    ]);
    const wrong = await client.call('values.typed', DATE.$date, DATE, BINARY, true);
    const { extra } = wrong.args as { extra: { path: unknown[] }[] };
    expect(extra.map(({ path }) => path)).toEqual([[0], [1], [2], [3]]);
  });

  it('leaves as one, integers past 2^53 included', async () => {
    expect(await client.result('values.longs')).toEqual([
      LONG,
      { $long: '-1180591620717411303424' },
      { $long: '5' },
    ]);
  });

  it.each<[string, unknown]>([
    ['a date that is none', { $date: 'yesterday' }],
    ['a date as a number', { $date: 5 }],
    ['bytes that are not base64', { $binary: '*' }],
    ['a fraction', { $long: '1.5' }],
    ['a long without digits', { $long: '' }],
    ['a password that is no string', { $password: 5 }],
  ])('that is malformed is EINVAL: %s', async (_, value) => {
    expect((await client.call('values.echo', [value])).args).toMatchObject({ code: 22 });
  });

  it('is also taken as a password at login', async () => {
    const stranger = await server.stranger();
    const empty = { username: 'root', password: { $password: '' } };
    expect((await stranger.request('rpc', 'auth', empty)).name).toBe('response');
    const wrong = { username: 'root', password: { $password: SECRET } };
    expect((await stranger.request('rpc', 'auth', wrong)).args).toMatchObject({ code: 13 });
  });
});

describe('a value', () => {
  const nested = (depth: number, inner = ''): string =>
    `${'['.repeat(depth)}${inner}${']'.repeat(depth)}`;
  const send = (id: string, value: string): void =>
    client.sendRaw(
      `{"namespace":"rpc","name":"call","id":"${id}","args":{"method":"values.echo","args":[${value}]}}`,
    );

  it.each<[string, string]>([
    ['arrays', nested(5_000)],
    ['objects', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`],
    ['arrays behind many small ones', `[${'[[]],'.repeat(5_000)}${nested(5_000)}]`],
    ['arrays behind a string of brackets', `["${']'.repeat(9_000)}",${nested(5_000)}]`],
    ['arrays around an extended value', nested(5_000, '{"$long":"1"}')],
  ])('that is nested deeper than any may be is the fault of the caller: %s', async (id, value) => {
    send(id, value);
    expect((await client.find((frame) => frame.id === id)).args).toMatchObject({
      code: 22,
      message: 'Value is nested too deeply',
    });
    expect(server.process.log.join('\n')).not.toContain('RangeError');
  });

  it.each<[string, string]>([
    ['that is deep enough for anybody', nested(900)],
    ['of many that are not deep', `[${Array(5_000).fill('[[]]').join(',')}]`],
    ['with many brackets in a string', `["${'['.repeat(9_000)}"]`],
  ])('%s is taken and given back', async (id, value) => {
    send(id, value);
    const reply = await client.find((frame) => frame.id === id);
    expect(reply.name).toBe('response');
    expect(JSON.stringify(reply.args)).toBe(value);
  });
});

describe('a password', () => {
  it('reaches the method that asks for it', async () => {
    expect(await client.result('values.matches', { $password: SECRET })).toBe(true);
    expect(await client.result('values.matches', { $password: 'other' })).toBe(false);
  });

  it('is shown nowhere: not in results, errors, events or any line of the log', async () => {
    const password = { $password: SECRET };
    const watcher = await server.admin();
    watcher.send('events', 'subscribe', null, ['*']);
    await watcher.settled();
    const replies = [
      await client.call('values.echo', { deep: [password] }),
      await client.call('values.leak', password),
      await client.call('values.crash', password),
      await client.call('values.wrong', { username: 'x', password }),
      await client.call('values.one_of', password),
      await client.call('values.branch', { password }),
      await client.call('values.bad_result', { password }),
      await client.call('values.nothing', password),
      await client.call('nowhere.nothing', password),
      await client.call('values.matches', password, password),
    ];
    expect(replies.map(({ name }) => name)).toEqual([
      'response',
      ...Array<string>(9).fill('error'),
    ]);
    expect(replies[0]?.args).toEqual({ deep: ['<hidden>'] });
    const event = await watcher.find(({ args }) => JSON.stringify(args).includes('values.leak'));
    expect(event.args).toMatchObject({
      args: { password: '<hidden>', nested: [{ password: '<hidden>' }] },
    });
    await expect.poll(() => server.process.log.join('\n')).toContain('values.bad_result');
    const seen = [
      JSON.stringify([replies, watcher.received, client.received]),
      ...server.process.log,
    ];
    expect(seen.filter((text) => text.includes(SECRET))).toEqual([]);
  });
});
