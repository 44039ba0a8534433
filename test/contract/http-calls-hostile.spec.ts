import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { login, PASSWORD } from './principals.harness.js';
import { HttpServer, type Owner, waitsFor } from './http-calls.harness.js';

let http: HttpServer;
beforeAll(async () => {
  http = await HttpServer.start();
});
afterAll(() => http.stop());

describe('a body that is none', () => {
  let key: string;
  beforeAll(async () => ({ key } = await http.owner('operator')));

  it.each([
    ['no JSON', '{"a":', 400],
    ['two values', '[1] [2]', 400],
    ['the end of a frame', '[]}},{"args":[', 400],
    ['a text', '"x"', 400],
    ['a number', '1', 400],
    ['a number past all numbers', '[1e400]', 400],
    ['bad UTF-8', Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), 400],
    ['a value nested too deep', '['.repeat(5_000) + ']'.repeat(5_000), 400],
    ['a million brackets', '['.repeat(1_000_000), 400],
    ['too many values', `[${'0,'.repeat(200_000)}0]`, 400],
    ['more than a message may be', Buffer.alloc(5_000_000, 0x20), 413],
  ])('is refused: %s', async (_, body, status) => {
    const began = performance.now();
    expect((await http.outcome('door.echo', 0, { key, body }))[0]).toBe(status);
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  it.each([
    null,
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=latin1',
    'application/jsonp',
  ])('is refused by its type: %s', async (type) => {
    const body = Buffer.from('["x"]');
    expect((await http.outcome('door.echo', 0, { key, body, type }))[0]).toBe(415);
  });

  it('is refused when it is packed', async () => {
    const headers = { 'Content-Encoding': 'gzip' };
    expect((await http.outcome('door.echo', ['x'], { key, headers }))[0]).toBe(415);
  });

  it('reaches no prototype, and the last of two equal keys counts, as in a frame', async () => {
    const body = '[{"__proto__":{"a":1},"constructor":{"prototype":{"b":2}},"k":1,"k":2}]';
    const [status, echoed] = await http.outcome('door.echo', 0, { key, body });
    expect(status).toBe(200);
    expect(JSON.stringify(echoed)).toBe(
      '{"__proto__":{"a":1},"constructor":{"prototype":{"b":2}},"k":2}',
    );
    const named = await http.outcome('door.say', 0, { key, body: '{"__proto__":"x"}' });
    expect(named[0]).toBe(400);
    expect(({} as { a?: number }).a).toBeUndefined();
  });

  const head = (length: string): string =>
    `POST /rpc/door.echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n` +
    `Authorization: Bearer ${key}\r\n${length}\r\n\r\n`;

  it('does not come: the call is refused in time', async () => {
    const answer = await http.raw(head('Content-Length: 10') + '["');
    expect(answer).toMatch(/^HTTP\/1.1 408 .*"detail":"The body did not come in time/s);
  });

  it('comes for ever: the call is refused', async () => {
    const answer = await http.raw(head('Transfer-Encoding: chunked'), (socket) => {
      const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
      const more = (): void => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', more);
      more();
    });
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
  });

  it('trickles: the call is refused in time', async () => {
    const answer = await http.raw(head('Transfer-Encoding: chunked'), (socket) => {
      const timer = setInterval(() => socket.write('1\r\n \r\n'), 20);
      socket.on('close', () => clearInterval(timer));
    });
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
  });

  it('is not read of a stranger, nor taken for the next request', async () => {
    const smuggled = `POST /rpc/door.open HTTP/1.1\r\nHost: x\r\n\r\n`;
    const request =
      `POST /rpc/door.open HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${smuggled.length}\r\n\r\n`;
    const answer = await http.raw(request + smuggled, () => undefined);
    expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 401']);
  });

  it('has headers without end: 431', async () => {
    const lines = 'X-A: b\r\n'.repeat(10_000);
    const answer = await http.raw(
      `POST /rpc/door.open HTTP/1.1\r\nHost: x\r\n${lines}\r\n`,
      () => undefined,
    );
    expect(answer).toMatch(/^HTTP\/1.1 431 /);
  });
});

describe('what happens during a call over HTTP', () => {
  it('the client goes: the call is aborted', async () => {
    const { key, admin } = await http.owner('operator');
    const leaving = new AbortController();
    const reply = http.post('door.wait', [], { key, signal: leaving.signal });
    await waitsFor(admin, 1);
    leaving.abort();
    await expect(reply).rejects.toThrow();
    await waitsFor(admin, 0);
  });

  it.each([
    [
      'the key is revoked',
      401,
      ({ admin, id }: Owner) => admin.result('account.revoke_api_key', id),
    ],
    ['the user is removed', 401, ({ admin, name }: Owner) => admin.result('account.remove', name)],
    [
      'the user is locked',
      401,
      ({ admin, name }: Owner) => admin.result('account.update', name, { locked: true }),
    ],
    [
      'the role goes',
      403,
      ({ admin, name }: Owner) => admin.result('account.update', name, { roles: ['reader'] }),
    ],
  ])('%s: it ends at once', async (_, status, act) => {
    const user = await http.owner('operator');
    const reply = http.outcome('door.wait', [], { key: user.key });
    await waitsFor(user.admin, 1);
    await act(user);
    expect((await reply)[0]).toBe(status);
    await waitsFor(user.admin, 0);
  });

  it('the password is changed: a call by token ends at once', async () => {
    const { admin, name } = await http.owner('operator');
    const client = await http.server.stranger();
    const [token] = (await login(client, name, PASSWORD)).args as [string];
    const reply = http.outcome('door.wait', [], { key: token });
    await waitsFor(admin, 1);
    await admin.result('account.update', name, { password: { $password: 'another one' } });
    expect((await reply)[0]).toBe(401);
  });

  it('more of one user than may be: 429, and of another not', async () => {
    const { key, admin } = await http.owner('operator');
    const leaving = new AbortController();
    const replies = Array.from({ length: 8 }, () =>
      http.post('door.wait', [], { key, signal: leaving.signal }),
    );
    await waitsFor(admin, 8);
    expect(await http.outcome('door.push', [], { key })).toMatchObject([429, { name: 'EBUSY' }]);
    expect(
      (await http.outcome('door.push', [], { key: (await http.owner('operator')).key }))[0],
    ).toBe(200);
    leaving.abort();
    await Promise.allSettled(replies);
    await waitsFor(admin, 0);
    await expect.poll(async () => (await http.post('door.push', [], { key })).status).toBe(200);
  });

  it('a method that hears of no abort keeps its place until it ends', async () => {
    const { key } = await http.owner('operator');
    for (let i = 0; i < 8; i += 1) {
      const leaving = new AbortController();
      const reply = http.post('door.deaf', [], { key, signal: leaving.signal });
      setTimeout(() => leaving.abort(), 100);
      await expect(reply).rejects.toThrow();
    }
    expect((await http.post('door.push', [], { key })).status).toBe(429);
  });

  it('the client reads nothing of the answer: it is cut off', async () => {
    const own = await HttpServer.forThisTest({ 'calls-in-flight': 1, 'outbox-grace-ms': 4_000 });
    const { key, admin } = await own.owner('operator');
    const body = '[12000000]';
    const socket = own.connect().pause();
    socket.write(
      `POST /rpc/door.large HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n` +
        `Authorization: Bearer ${key}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const made = async () => (await admin.result<{ made: number }>('door.state')).made;
    await expect.poll(made, { timeout: 10_000 }).toBe(1);
    const status = async (): Promise<number> => (await own.post('door.push', [], { key })).status;
    expect(await status()).toBe(429);
    // the place that comes back while nothing was read comes from an answer that was given up
    await expect.poll(status, { timeout: 20_000 }).toBe(200);
  });

  it('the server stops: 503', async () => {
    const own = await HttpServer.forThisTest();
    const { key, admin } = await own.owner('operator');
    const reply = own.outcome('door.wait', [], { key });
    await waitsFor(admin, 1);
    own.server.process.child.kill('SIGTERM');
    expect(await reply).toMatchObject([503, { detail: 'The server is shutting down' }]);
  });
});
