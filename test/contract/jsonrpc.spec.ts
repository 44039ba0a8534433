import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type JsonRpcAnswer, JsonRpcClient } from '../support/json-rpc-client.js';
import { PlainClient } from '../support/plain-client.js';
import { PLUGIN } from './jsonrpc.plugin.js';
import { PluginServer } from './plugin-server.js';

const IN_FLIGHT = 4;
const ERRNO = { EACCES: 13, EBUSY: 16, EEXIST: 17, EINVAL: 22, ENOSPC: 28 } as const;

let server: PluginServer;
const opened: JsonRpcClient[] = [];

beforeAll(async () => {
  const limits = { 'calls-in-flight': IN_FLIGHT };
  server = await PluginServer.start(
    { 'echo/index.ts': PLUGIN },
    { dispatcher: { frontend: true, limits } },
  );
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.close()));
  await server.closeClients();
});
afterAll(() => server.stop());

async function stranger(): Promise<JsonRpcClient> {
  const client = await JsonRpcClient.connect(new URL('/jsonrpc', server.process.url).href);
  opened.push(client);
  return client;
}

async function admin(): Promise<JsonRpcClient> {
  const client = await stranger();
  expect(await client.request('auth.login', ['root', ''])).toHaveProperty('result');
  return client;
}

/** All that came up to the answer of a request sent now, that answer left out. */
async function settled(client: JsonRpcClient): Promise<unknown[]> {
  const last = await client.request('management.ping');
  return client.received.filter((message) => message !== last);
}

const call = (id: unknown, method: string, params?: unknown) => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});
const notice = (method: string, params?: unknown) => ({ jsonrpc: '2.0', method, params });
const codeOf = ({ error }: JsonRpcAnswer) => error?.code;

describe('a message that is no request', () => {
  it.each([
    ['no JSON', '{"jsonrpc": "2.0", "method"', -32_700, null],
    ['an empty message', '', -32_700, null],
    ['a broken batch', '[{"jsonrpc":"2.0","method":"a.b","id":1},', -32_700, null],
    ['an empty batch', [], -32_600, null],
    ['a number', 1, -32_600, null],
    ['null', 'null', -32_600, null],
    ['a frame of /socket', { namespace: 'rpc', name: 'call', id: 1, args: null }, -32_600, 1],
    ['another version', { jsonrpc: '1.0', method: 'management.ping', id: 1 }, -32_600, 1],
    ['no version', { method: 'management.ping', id: 1 }, -32_600, 1],
    ['a method that is no string', { jsonrpc: '2.0', method: 1, params: 'bar' }, -32_600, null],
    ['no method', { jsonrpc: '2.0', id: 'x' }, -32_600, 'x'],
    ['params that are no structure', { ...call(1, 'management.ping'), params: 'bar' }, -32_600, 1],
    ['params that are null', { ...call(1, 'management.ping'), params: null }, -32_600, 1],
    ['an id that is an object', call({}, 'management.ping'), -32_600, null],
    ['an id that is a list', call([1], 'management.ping'), -32_600, null],
    ['an id that is a boolean', call(true, 'management.ping'), -32_600, null],
    [
      'an id that JSON rounds',
      '{"jsonrpc":"2.0","method":"management.ping","id":9007199254740993}',
      -32_600,
      null,
    ],
    ['too large a batch', Array.from({ length: 1_001 }, () => 1), -32_600, null],
  ])('is answered when it is %s', async (_, message, code, id) => {
    const client = await stranger();
    client.send(message);
    const answer = await client.find(() => true);
    expect(answer).toMatchObject({
      jsonrpc: '2.0',
      id,
      error: { code, data: { code: ERRNO.EINVAL, name: 'EINVAL' } },
    });
    expect((await settled(client)).length).toBe(1);
  });

  it('is answered once for each entry of a batch', async () => {
    const client = await stranger();
    client.send([1, 2, 3]);
    const answers = await client.batch(3);
    expect(answers.map(codeOf)).toEqual([-32_600, -32_600, -32_600]);
  });

  it('is dropped when it is an answer, so that two peers never answer each other', async () => {
    const client = await stranger();
    client.send({ jsonrpc: '2.0', result: 1, id: 1 });
    client.send([
      { jsonrpc: '2.0', error: { code: -32_600, message: 'Invalid Request' }, id: null },
    ]);
    expect(await settled(client)).toEqual([]);
  });

  it('is answered when its bytes are no text', async () => {
    const client = await stranger();
    client.socket.send(Buffer.from([0x22, 0xff, 0x22]));
    expect(codeOf(await client.find(() => true))).toBe(-32_700);
  });
});

describe('a request', () => {
  it.each([0, -1.5, '', 'text', null])('is answered under its id %j', async (id) => {
    const client = await admin();
    client.send(call(id, 'echo.back', ['hello']));
    const answer = await client.find((one) => one.id === id);
    expect(answer).toEqual({ jsonrpc: '2.0', id, result: 'hello' });
  });

  it('passes arguments by position and by name', async () => {
    const client = await admin();
    expect((await client.request('echo.pair', [1, 2])).result).toEqual([1, 2]);
    expect((await client.request('echo.pair', { right: 2, left: 1 })).result).toEqual([1, 2]);
  });

  it('carries extended values both ways', async () => {
    const client = await admin();
    const date = { $date: '2026-03-01T12:00:00.000Z' };
    expect((await client.request('echo.back', [date])).result).toEqual(date);
  });

  it('treats __proto__ as plain data', async () => {
    const client = await admin();
    client.send(
      '{"jsonrpc":"2.0","id":1,"method":"echo.back","params":[{"__proto__":{"a":1}}],"__proto__":{"id":2}}',
    );
    await client.find(({ id }) => id === 1);
    expect(Object.prototype).not.toHaveProperty('a');
  });

  it('of a method that streams is answered with the whole list', async () => {
    expect((await (await admin()).request('echo.numbers')).result).toEqual([1, 2, 3]);
  });

  it.each(['no.such', 'echo.nothing', 'nodot', 'rpc.nothing', 'echo.constructor'])(
    'for the unknown method %s fails with the code for it',
    async (method) => {
      expect(codeOf(await (await admin()).request(method))).toBe(-32_601);
    },
  );

  it('with arguments that fail their schema tells which', async () => {
    const { error } = await (await admin()).request('echo.pair', ['one', 2]);
    expect(error).toMatchObject({
      code: -32_602,
      data: { code: ERRNO.EINVAL, name: 'EINVAL', extra: [{ path: [0] }] },
    });
  });

  it('that fails keeps code, name and extra of the error', async () => {
    const { error } = await (await admin()).request('echo.full');
    expect(error).toEqual({
      code: -32_000,
      message: 'Disk is full',
      data: { code: ERRNO.ENOSPC, name: 'ENOSPC', extra: { free: 0 } },
    });
  });

  it('that fails unexpectedly tells nothing of the inside', async () => {
    const { error } = await (await admin()).request('echo.broken');
    expect(error).toMatchObject({ code: -32_603, data: { name: 'EFAULT' } });
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  it('is refused while its id is in flight, and again possible afterwards', async () => {
    const client = await admin();
    client.send(call(7, 'echo.hang'));
    client.send(call(7, 'echo.back', ['second']));
    const refused = await client.find(({ id }) => id === 7);
    expect(refused.error).toMatchObject({ code: -32_000, data: { code: ERRNO.EEXIST } });
    client.send(call(8, 'echo.back', ['a']));
    client.send(call('7', 'echo.back', ['text']));
    expect((await client.find(({ id }) => id === '7')).result).toBe('text');
    client.send(call(8, 'echo.back', ['b']));
    await client.find(({ result }) => result === 'b');
  });

  it('past the calls in flight is refused, notifications counted', async () => {
    const client = await admin();
    for (let i = 0; i < IN_FLIGHT; i += 1) client.notify('echo.hang');
    const { error } = await client.request('echo.hang');
    expect(error).toMatchObject({ code: -32_000, data: { code: ERRNO.EBUSY, name: 'EBUSY' } });
  });
});

describe('a notification', () => {
  it('is carried out and never answered, whatever becomes of it', async () => {
    const client = await admin();
    const before = client.received.length;
    client.notify('event.subscribe', [['echo.*']]);
    for (const method of [
      'echo.full',
      'echo.broken',
      'no.such',
      'auth.login',
      'auth.login_token',
      'rpc.discover',
    ]) {
      client.notify(method);
    }
    client.notify('event.unsubscribe', ['not a list']);
    client.notify('echo.tell', ['heard']);
    const messages = (await settled(client)).slice(before);
    expect(messages).toEqual([
      expect.objectContaining({
        method: 'event',
        params: expect.objectContaining({ name: 'echo.told' }) as unknown,
      }),
    ]);
  });
});

describe('a batch', () => {
  it('is answered by one list, notifications left out, faults in place', async () => {
    const client = await admin();
    client.send([
      call(1, 'echo.back', ['one']),
      notice('echo.back', ['nobody hears']),
      call(2, 'echo.full'),
      { foo: 'bar' },
      call('named', 'echo.pair', { left: 1, right: 2 }),
      call(null, 'no.such'),
      call(3, 'echo.numbers'),
    ]);
    const answers = await client.batch(6);
    const outcomes = new Map(answers.map((one) => [one.id, one.result ?? codeOf(one)]));
    expect(outcomes.get(1)).toBe('one');
    expect(outcomes.get(2)).toBe(-32_000);
    expect(outcomes.get('named')).toEqual([1, 2]);
    expect(outcomes.get(3)).toEqual([1, 2, 3]);
    expect(answers.filter(({ id }) => id === null).map(codeOf)).toEqual([-32_600, -32_601]);
  });

  it('of notifications alone is not answered', async () => {
    const client = await stranger();
    client.send([notice('echo.back', [1]), notice('no.such')]);
    expect(await settled(client)).toEqual([]);
  });

  it('may log in first: what comes behind, in it and after it, finds the login done', async () => {
    const client = await stranger();
    client.send([
      call(1, 'auth.login', ['root', '']),
      call(2, 'echo.back', ['in']),
      notice('auth.login', ['root', '']),
    ]);
    client.send(call(3, 'echo.back', ['after']));
    expect((await client.find(({ id }) => id === 3)).result).toBe('after');
    const [, second] = await client.batch(2);
    expect(second).toMatchObject({ id: 2, result: 'in' });
  });

  it('refuses the second of two entries with one id', async () => {
    const client = await admin();
    client.send([call(1, 'echo.hang'), call(1, 'echo.back', [1]), call(2, 'echo.back', [2])]);
    expect(await settled(client)).toHaveLength(1); // the answer of the login: the batch still waits
  });
});

describe('a login', () => {
  it('by name and password answers with token, lifetime and user', async () => {
    const client = await stranger();
    const { result } = await client.request('auth.login', { username: 'root', password: '' });
    expect(result).toEqual([expect.any(String), 600, 'root']);
  });

  it('by token gives a new token', async () => {
    const first = await stranger();
    const { result } = await first.request('auth.login', ['root', { $password: '' }]);
    const [token] = result as [string];
    const second = await stranger();
    const { result: again } = await second.request('auth.login_token', [token]);
    expect(again).toEqual([expect.not.stringMatching(token), 600, 'root']);
    const named = await (await stranger()).request('auth.login_token', { token });
    expect(named).toHaveProperty('result');
  });

  it('that is refused leaves the connection open', async () => {
    const client = await stranger();
    const wrong = await client.request('auth.login', ['nobody', 'wrong']);
    expect(wrong.error).toMatchObject({
      code: -32_000,
      data: { code: ERRNO.EACCES, name: 'EACCES' },
    });
    const badToken = await client.request('auth.login_token', ['none']);
    expect(badToken.error?.data).toMatchObject({ code: ERRNO.EACCES });
    expect(await client.request('auth.login', ['root', ''])).toHaveProperty('result');
  });

  it.each([
    [undefined],
    [[]],
    [[1, 2]],
    [['root', '', false, 'here', 'surplus']],
    [{ username: 1 }],
  ])('with the parameters %j is malformed', async (params) => {
    expect(codeOf(await (await stranger()).request('auth.login', params))).toBe(-32_602);
  });

  it.each(['echo.back', 'no.such', 'event.subscribe', 'rpc.discover'])(
    'is needed for %s',
    async (method) => {
      const { error } = await (await stranger()).request(method, [['a']]);
      expect(error).toMatchObject({ code: -32_000, data: { code: ERRNO.EACCES, name: 'EACCES' } });
    },
  );
});

describe('events', () => {
  it('arrive as notifications from subscribe to unsubscribe, both answered', async () => {
    const client = await admin();
    expect(await client.request('event.subscribe', [['echo.*']])).toHaveProperty('result', null);
    await client.request('echo.tell', ['first']);
    const event = await client.find(({ method }) => method === 'event');
    expect(event).not.toHaveProperty('id');
    expect(event.params).toMatchObject({ name: 'echo.told', args: { what: 'first' } });
    expect(await client.request('event.unsubscribe', { masks: ['echo.*'] })).toHaveProperty(
      'result',
      null,
    );
    await client.request('echo.tell', ['second']);
    expect(JSON.stringify(await settled(client))).not.toContain('second');
  });

  it('reach clients of both protocols, each in its own form', async () => {
    const framed = await server.admin();
    framed.send('events', 'subscribe', null, ['echo.*']);
    const client = await admin();
    await client.request('event.subscribe', [['echo.told']]);
    client.send([notice('echo.tell', ['a']), notice('echo.tell', ['b'])]);
    const last = (args: unknown) => JSON.stringify(args).includes('"b"');
    const frame = await framed.find(({ name, args }) => name === 'event' && last(args));
    const { params } = await client.find(
      ({ method, params: of }) => method === 'event' && last(of),
    );
    expect(params).toEqual(frame.args);
  });

  it.each([[undefined], [['a', 'b']], [['a']], [{ masks: [1] }], [{}]])(
    'are not subscribed to with the parameters %j',
    async (params) => {
      expect(codeOf(await (await admin()).request('event.subscribe', params))).toBe(-32_602);
    },
  );
});

describe('the connection', () => {
  it('answers rpc.discover with the document that the debug-mode server has', async () => {
    const base = /http:\/\/[^)]+/.exec(server.process.readyLine)?.[0] ?? '';
    const document: unknown = await (await fetch(new URL('openrpc.json', base))).json();
    expect((await (await admin()).request('rpc.discover')).result).toEqual(document);
  });

  it('has no features that JSON-RPC has no words for', async () => {
    const client = await admin();
    for (const feature of ['streaming_responses', 'event_bursts']) {
      const { error } = await client.request('management.enable_features', [[feature]]);
      expect(error?.data).toMatchObject({ code: ERRNO.EINVAL });
    }
    expect(
      await client.request('management.enable_features', [['strict_validation']]),
    ).toHaveProperty('result');
  });

  it('says why it ends when its session is kicked', async () => {
    const client = await admin();
    const kicker = await server.admin();
    const { result } = await client.request('session.get_my_session_id');
    await kicker.result('management.kick_session', result);
    const { reason } = await client.closed;
    expect(reason).toBe('Kicked out by root');
    expect(client.received.at(-1)).toEqual({
      jsonrpc: '2.0',
      method: 'logout',
      params: { reason },
    });
  });

  it.each(['/jsonrpc/', '/jsonrpcx', '/dispatcher/jsonrpc'])(
    'is not to be had at %s',
    async (path) => {
      await expect(PlainClient.connect(new URL(path, server.process.url).href)).rejects.toThrow(
        '404',
      );
    },
  );
});
