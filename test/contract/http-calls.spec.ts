import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { login, PASSWORD } from './principals.harness.js';
import { PluginServer } from './plugin-server.js';
import { type DoorState, HttpServer, httpUrlOf, outcomeOf } from './http-calls.harness.js';

let http: HttpServer;
beforeAll(async () => {
  http = await HttpServer.start();
});
afterAll(() => http.stop());

describe('a call over HTTP', () => {
  it('takes arguments by position, by name, or none, and says who calls', async () => {
    const { key, name } = await http.owner('operator');
    expect(await http.outcome('door.say', ['a', 2], { key })).toEqual([200, ['a', 2]]);
    expect(await http.outcome('door.say', { times: 3, word: 'b' }, { key })).toEqual([
      200,
      ['b', 3],
    ]);
    for (const body of ['', ' \n', 'null', '[]']) {
      expect(await http.outcome('door.push', 0, { key, body })).toEqual([200, 'push']);
    }
    expect(await http.outcome('door.who', [], { key })).toEqual([200, ['user', name, null]]);
    const date = { $date: '2026-01-02T03:04:05.000Z' };
    expect(await http.outcome('door.echo', [date], { key })).toEqual([200, date]);
  });

  it('may be made by a token of a login, too', async () => {
    const { name } = await http.owner('reader');
    const client = await http.server.stranger();
    const { args } = await login(client, name, PASSWORD);
    const [token] = args as [string];
    expect(await http.outcome('door.who', [], { key: token })).toEqual([200, ['user', name, null]]);
    const admin = await http.server.admin();
    await admin.result('account.update', name, { password: { $password: 'another one' } });
    expect((await http.outcome('door.who', [], { key: token }))[0]).toBe(401);
  });

  it('submits tasks, with the same checks', async () => {
    const { key, admin, name } = await http.owner('operator');
    const [status, id] = await http.outcome('task.submit', ['door.paint', ['red']], { key });
    expect(status).toBe(200);
    expect(await http.outcome('task.wait', [id], { key })).toMatchObject([
      200,
      { state: 'FINISHED' },
    ]);
    expect(await admin.result('task.status', id)).toMatchObject({ user: name, result: 'red' });
    const unfit = await http.outcome('task.submit', ['door.paint', [1]], { key });
    expect(unfit).toMatchObject([400, { code: 22, name: 'EINVAL' }]);
  });

  it('meets roles, guards and schemas as a frame does', async () => {
    const { key } = await http.owner('reader');
    expect(await http.outcome('door.push', [], { key })).toEqual([
      403,
      {
        type: 'about:blank',
        title: 'Forbidden',
        status: 403,
        detail: 'Insufficient privileges',
        code: 13,
        name: 'EACCES',
      },
    ]);
    expect((await http.outcome('door.guarded', [], { key }))[0]).toBe(403);
    expect(await http.outcome('door.say', [1], { key })).toMatchObject([
      400,
      { name: 'EINVAL', extra: [{ path: [0] }] },
    ]);
    expect(await http.outcome('door.nowhere', [], { key })).toMatchObject([
      404,
      { name: 'ENOENT' },
    ]);
    expect(await http.outcome('nowhere', [], { key })).toMatchObject([400, { name: 'EINVAL' }]);
  });

  it('streams items as lines to who asks for them, and collects them for others', async () => {
    const { key, admin } = await http.owner('reader');
    expect(await http.outcome('door.count', [3], { key })).toEqual([200, [1, 2, 3]]);
    const headers = { Accept: 'application/x-ndjson' };
    const lines = await http.post('door.count', [1_000], { key, headers });
    expect(lines.headers.get('content-type')).toBe('application/x-ndjson');
    expect((await lines.text()).trim().split('\n').map(Number)).toHaveLength(1_000);
    const endless = await http.post('door.count', [Number.MAX_SAFE_INTEGER], { key, headers });
    const before = (await admin.result<DoorState>('door.state')).aborted.length;
    await endless.body!.cancel();
    await expect
      .poll(async () => (await admin.result<DoorState>('door.state')).aborted.length)
      .toBe(before + 1);
    const broken = await http.post('door.breaks', [], { key, headers });
    await expect(broken.text()).rejects.toThrow();
  });
});

describe('who may not call over HTTP', () => {
  it('gets 401 without a login, whatever the method allows', async () => {
    for (const method of ['door.open', 'door.push', 'nowhere.at_all']) {
      const reply = await http.post(method, []);
      expect(reply.headers.get('www-authenticate')).toBe('Bearer');
      expect(await outcomeOf(reply)).toMatchObject([401, { detail: 'Not logged in' }]);
    }
    for (const key of ['x', 'dsp_0', 'a b']) {
      expect((await http.outcome('door.open', [], { key }))[0]).toBe(401);
    }
  });

  it.each(['Basic cm9vdDo=', 'Bearer', 'Bearer ', 'bearer  ', `Bearer ${'x'.repeat(2_000)}`])(
    'is not let in by "%s"',
    async (Authorization) => {
      expect((await http.outcome('door.open', [], { headers: { Authorization } }))[0]).toBe(401);
    },
  );

  it('gets no cookie and no header that lets a page read anything', async () => {
    const { key } = await http.owner('reader');
    const Origin = 'https://evil.example.org';
    for (const method of ['POST', 'OPTIONS', 'GET']) {
      const body = method === 'POST' ? '[]' : null;
      const reply = await http.post('door.who', [], { key, method, body, headers: { Origin } });
      expect(reply.status).toBe(403);
      const names = [...reply.headers.keys()].join();
      expect(names).not.toMatch(/access-control|set-cookie/);
    }
    const own = await http.post('door.who', [], {
      key,
      headers: { Origin: 'https://nas.example.org' },
    });
    expect(own.status).toBe(200);
    const cookie = `token=${key}`;
    expect((await http.post('door.who', [], { headers: { cookie } })).status).toBe(401);
    expect((await fetch(`${http.url}/rpc/door.who?token=${key}`, { method: 'POST' })).status).toBe(
      415,
    );
  });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])(
    'is told to POST instead of %s',
    async (method) => {
      const { key } = await http.owner('reader');
      const reply = await http.post('door.who', [], { key, method, body: null });
      expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'POST']);
      expect((await reply.text()) === '').toBe(method === 'HEAD');
    },
  );

  it('guesses only so often, which stops nobody who need not guess', async () => {
    const strict = await HttpServer.forThisTest({ 'failed-logins-per-minute': 3 });
    const guess = (key: string): Promise<Response> => strict.post('door.open', [], { key });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await guess(`wrong${i}`)).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect((await guess((await strict.owner()).key)).status).toBe(200);
  });
});

it('nothing is there unless the configuration says so', async () => {
  const own = await PluginServer.forThisTest({}, { dispatcher: { 'shipped-plugins': false } });
  const reply = await fetch(`${httpUrlOf(own)}/rpc/management.ping`, { method: 'POST' });
  expect(reply.status).toBe(404);
});
