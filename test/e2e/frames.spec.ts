import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PlainClient, type WireErrorArgs } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

const EINVAL = 22;
const ENOENT = 2;
const EACCES = 13;
const EEXIST = 17;

let server: ServerProcess;
let client: PlainClient;

beforeAll(async () => {
  server = await ServerProcess.start();
});
afterAll(async () => {
  await server.stop();
});
beforeEach(async () => {
  client = await PlainClient.loggedIn(server.url);
});
afterEach(async () => {
  await client.close();
});

const NOT_JSON = { code: EINVAL, name: 'EINVAL', message: 'Request is not valid JSON' };
const INVALID_REQUEST = { code: EINVAL, name: 'EINVAL', message: 'Invalid request' };
const MALFORMED = { code: EINVAL, name: 'EINVAL', message: 'Malformed request' };
const INVALID_CALL = { code: ENOENT, name: 'ENOENT', message: 'Invalid call' };
const call = (args: unknown, id: unknown = 'x') => ({ namespace: 'rpc', name: 'call', id, args });

/** The table of the wire contract, section 2, row by row: what is sent, and the error that answers it. */
const TABLE: readonly (readonly [string, unknown, string | number | null, object])[] = [
  ['text that is not JSON', '{"namespace":', null, NOT_JSON],
  ['an empty message', '', null, NOT_JSON],
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), null, NOT_JSON],
  ['a JSON array', [1, 2], null, INVALID_REQUEST],
  ['a JSON string', '"hello"', null, INVALID_REQUEST],
  ['a JSON number', '7', null, INVALID_REQUEST],
  ['null', 'null', null, INVALID_REQUEST],
  ['an object without namespace', { name: 'call', id: 'x', args: {} }, 'x', INVALID_REQUEST],
  [
    'a namespace that is no string',
    { namespace: 1, name: 'call', id: 5, args: {} },
    5,
    INVALID_REQUEST,
  ],
  ['an object without name', { namespace: 'rpc', id: 'x', args: {} }, 'x', INVALID_REQUEST],
  ['an unknown pair', { namespace: 'rpc', name: 'sing', id: 'x', args: {} }, 'x', INVALID_REQUEST],
  [
    'the transport setup of the original',
    { namespace: 'transport', name: 'setup', id: 'x', args: ['10.0.0.1', 1] },
    'x',
    INVALID_REQUEST,
  ],
  [
    'a name of Object.prototype',
    { namespace: '__proto__', name: 'constructor', id: 'x', args: {} },
    'x',
    INVALID_REQUEST,
  ],
  [
    'an id that is an object',
    { namespace: 'rpc', name: 'sing', id: {}, args: {} },
    null,
    INVALID_REQUEST,
  ],
  [
    'a call without id',
    { namespace: 'rpc', name: 'call', args: { method: 'a.b', args: [] } },
    null,
    MALFORMED,
  ],
  ['a call with id null', call({ method: 'management.ping', args: [] }, null), null, MALFORMED],
  [
    'a call whose id is an array',
    call({ method: 'management.ping', args: [] }, [1]),
    null,
    MALFORMED,
  ],
  ['a call without args', { namespace: 'rpc', name: 'call', id: 'x' }, 'x', MALFORMED],
  ['a call without method', call({ args: [] }), 'x', MALFORMED],
  ['a call whose method is a number', call({ method: 7, args: [] }), 'x', MALFORMED],
  ['a call without args inside args', call({ method: 'management.ping' }), 'x', MALFORMED],
  [
    'a call whose arguments are a string',
    call({ method: 'management.ping', args: 'a' }),
    'x',
    MALFORMED,
  ],
  [
    'a method without a dot',
    call({ method: 'ping', args: [] }),
    'x',
    { code: EINVAL, name: 'EINVAL', message: 'Invalid function path' },
  ],
  [
    'an unknown service',
    call({ method: 'no.such', args: [] }),
    'x',
    { code: ENOENT, name: 'ENOENT', message: 'Service no not found' },
  ],
  [
    'an unknown method',
    call({ method: 'management.nothing', args: [] }),
    'x',
    { code: ENOENT, name: 'ENOENT', message: 'Method not found' },
  ],
  [
    'a constructor as method',
    call({ method: 'management.constructor', args: [] }),
    'x',
    { code: ENOENT, name: 'ENOENT', message: 'Method not found' },
  ],
  [
    'a dunder name as method',
    call({ method: 'discovery.__init__', args: [] }),
    'x',
    { code: ENOENT, name: 'ENOENT', message: 'Method not found' },
  ],
  ['auth without args', { namespace: 'rpc', name: 'auth', id: 'x' }, 'x', MALFORMED],
  [
    'auth with a number as user',
    { namespace: 'rpc', name: 'auth', id: 'x', args: { username: 1, password: 'a' } },
    'x',
    MALFORMED,
  ],
  [
    'auth_token without token',
    { namespace: 'rpc', name: 'auth_token', id: 'x', args: {} },
    'x',
    MALFORMED,
  ],
  [
    'auth_service with an array',
    { namespace: 'rpc', name: 'auth_service', id: 'x', args: [] },
    'x',
    MALFORMED,
  ],
  [
    'continue of an unknown id',
    { namespace: 'rpc', name: 'continue', id: 'x', args: 2 },
    'x',
    INVALID_CALL,
  ],
  [
    'abort of an unknown id',
    { namespace: 'rpc', name: 'abort', id: 9, args: null },
    9,
    INVALID_CALL,
  ],
  [
    'a malformed subscribe with an id',
    { namespace: 'events', name: 'subscribe', id: 'x', args: 'a' },
    'x',
    MALFORMED,
  ],
  [
    'a malformed event with an id',
    { namespace: 'events', name: 'event', id: 'x', args: {} },
    'x',
    MALFORMED,
  ],
];

describe('frames', () => {
  it.each(TABLE)('answers %s with an error', async (_, message, id, error) => {
    const before = client.received.length;
    const raw =
      typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message);
    client.sendRaw(raw);
    const answer = await client.find((frame) => client.received.indexOf(frame) >= before);
    expect(answer).toEqual({ namespace: 'rpc', name: 'error', id, args: error });
    const after = await client.settled();
    expect(after.slice(before).filter((frame) => frame.name === 'error')).toHaveLength(1);
  });

  it.each(['response', 'error', 'fragment', 'end', 'close'])(
    'drops an rpc/%s for a call that the server never made',
    async (name) => {
      const before = client.received.length;
      client.send('rpc', name, 'x', { code: 1 });
      expect((await client.settled()).slice(before)).toHaveLength(1);
    },
  );

  it.each(['subscribe', 'unsubscribe', 'event', 'event_burst'])(
    'says nothing to a malformed events/%s without an id',
    async (name) => {
      const before = client.received.length;
      client.send('events', name, null, 7);
      expect((await client.settled()).slice(before)).toHaveLength(1);
    },
  );

  it.each([['a string'], [''], [7], [0], [-1.5]])(
    'carries the id %j back unchanged',
    async (id) => {
      client.send('rpc', 'call', id, { method: 'management.ping', args: [] });
      const answer = await client.find(
        (frame) => frame.name === 'response' && frame.args === 'pong',
      );
      expect(answer.id).toBe(id);
    },
  );

  it('takes null for no arguments, and binary messages as well as text', async () => {
    client.sendRaw(
      Buffer.from(JSON.stringify(call({ method: 'management.ping', args: null }, 'b'))),
    );
    expect((await client.find((frame) => frame.id === 'b')).args).toBe('pong');
  });

  it('refuses an id that is in flight and leaves the first call alone', async () => {
    client.send('rpc', 'call', 'same', { method: 'management.reload_plugins', args: [['system']] });
    client.send('rpc', 'call', 'same', { method: 'management.ping', args: [] });
    const refused = await client.find((frame) => frame.id === 'same');
    expect(refused.args).toEqual({
      code: EEXIST,
      name: 'EEXIST',
      message: 'Request id already in use',
    });
    const first = await client.find((frame) => frame.id === 'same' && frame.name === 'response');
    expect(first.args).toBeNull();
  });

  it('answers abort of a call in flight with close, and nothing after it', async () => {
    client.send('rpc', 'call', 'long', { method: 'management.reload_plugins', args: [['system']] });
    client.send('rpc', 'abort', 'long', null);
    const answer = await client.find((frame) => frame.id === 'long');
    expect(answer).toMatchObject({ name: 'close', args: null });
    await client.call('management.reload_plugins', ['system']);
    expect(client.received.filter((frame) => frame.id === 'long')).toHaveLength(1);
  });

  it('keeps keys named __proto__ as plain data', async () => {
    client.sendRaw(
      '{"namespace":"rpc","name":"call","id":"p","args":{"method":"management.ping","args":[],"__proto__":{"args":[1]},"constructor":{"prototype":{"polluted":1}}}}',
    );
    expect((await client.find((frame) => frame.id === 'p')).args).toBe('pong');
  });

  it('answers a value that is nested without end', async () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    client.sendRaw(
      `{"namespace":"rpc","name":"call","id":"d","args":{"method":"discovery.get_methods","args":[${deep}]}}`,
    );
    expect((await client.find((frame) => frame.id === 'd')).name).toBe('error');
    expect(await client.result('management.ping')).toBe('pong');
  });

  it('lists every argument error with its path', async () => {
    const { args } = await client.call('management.kick_session', 'one', 2);
    expect(args).toMatchObject({
      code: EINVAL,
      message: 'One or more passed arguments failed schema verification',
    });
    const paths = (args as { extra: { path: unknown[] }[] }).extra.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining([[0], [1]]));
  });

  it('passes named arguments, and names those it does not know', async () => {
    const good = await client.request('rpc', 'call', {
      method: 'discovery.get_methods',
      args: { service: 'management' },
    });
    expect(good.name).toBe('response');
    const bad = await client.request('rpc', 'call', {
      method: 'discovery.get_methods',
      args: { servic: 'management' },
    });
    expect((bad.args as WireErrorArgs).extra).toMatchObject([{ path: ['servic'] }]);
    const missing = await client.request('rpc', 'call', {
      method: 'discovery.get_methods',
      args: {},
    });
    expect((missing.args as WireErrorArgs).extra).toMatchObject([{ path: ['service'] }]);
  });
});

describe('a connection before login', () => {
  it('may not call, but may ask for its own address', async () => {
    const stranger = await PlainClient.connect(server.url);
    expect((await stranger.call('management.ping')).args).toEqual({
      code: EACCES,
      name: 'EACCES',
      message: 'Not logged in',
    });
    expect(await stranger.result('management.get_sender_address')).toMatch(/^127\.0\.0\.1,\d+$/);
    await stranger.close();
  });

  it('is refused with a wrong password, an unknown user, and a forced password check alike', async () => {
    const stranger = await PlainClient.connect(server.url);
    const answer = { code: EACCES, name: 'EACCES', message: 'Incorrect username or password' };
    for (const args of [
      { username: 'root', password: 'wrong' },
      { username: 'nobody-of-this-name', password: '' },
      { username: 'root', password: '', check_password: true },
    ]) {
      expect((await stranger.request('rpc', 'auth', args)).args).toEqual(answer);
    }
    await stranger.close();
  });

  it('cannot pass for local with a forwarded header or a foreign origin', async () => {
    for (const headers of [{ 'X-Real-IP': '127.0.0.1' }, { Origin: 'http://evil.example' }]) {
      const stranger = await PlainClient.connect(server.url, { headers });
      const reply = await stranger.request('rpc', 'auth', { username: 'root', password: '' });
      expect(reply.args).toMatchObject({ code: EACCES });
      await stranger.close();
    }
  });

  it('finds itself logged in for the frame right behind the login', async () => {
    const stranger = await PlainClient.connect(server.url);
    stranger.send('rpc', 'auth', 1, { username: 'root', password: '' });
    stranger.send('rpc', 'call', 2, { method: 'management.ping', args: [] });
    expect((await stranger.find((frame) => frame.id === 2)).args).toBe('pong');
    expect(stranger.received.map(({ id }) => id)).toEqual([1, 2]);
    await stranger.close();
  });

  it('loses its connection with 1009 for a message over 8 KiB', async () => {
    const stranger = await PlainClient.connect(server.url);
    stranger.sendRaw(`"${'a'.repeat(9_000)}"`);
    expect((await stranger.closed).code).toBe(1009);
  });

  it('may log in by token, which gives a new one', async () => {
    const first = await client.request('rpc', 'auth', { username: 'root', password: '' });
    const [token, lifetime, user] = first.args as [string, number, string];
    expect({ lifetime, user }).toEqual({ lifetime: 600, user: 'root' });
    const stranger = await PlainClient.connect(server.url);
    const second = await stranger.request('rpc', 'auth_token', { token });
    expect((second.args as [string])[0]).not.toBe(token);
    expect(await stranger.result('management.ping')).toBe('pong');
    const wrong = await stranger.request('rpc', 'auth_token', { token: 'x' });
    expect(wrong.args).toMatchObject({ code: EACCES, message: 'Incorrect or expired token' });
    await stranger.close();
  });
});

describe('limits of one connection', () => {
  it('closes with 1009 for a message over 4 MiB', async () => {
    const other = await PlainClient.loggedIn(server.url);
    other.sendRaw(Buffer.alloc(4 * 1024 * 1024 + 1, 0x20));
    expect((await other.closed).code).toBe(1009);
  });

  it('answers a path that is not its own with HTTP 404', async () => {
    const { port } = new URL(server.url);
    await expect(PlainClient.connect(`ws://127.0.0.1:${port}/nothing`)).rejects.toThrow('404');
  });

  it.each(['/', '/socket', '/dispatcher/socket'])('accepts connections on %s', async (path) => {
    const { port } = new URL(server.url);
    const other = await PlainClient.loggedIn(`ws://127.0.0.1:${port}${path}`);
    await other.close();
  });
});
