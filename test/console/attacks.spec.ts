import { once } from 'node:events';
import { request, type IncomingHttpHeaders } from 'node:http';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Attempt {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly address?: string;
}

let server: ServerProcess;
let port: number;

/** Not `fetch`, which would not let an attacker write the headers that the attack consists of. */
async function send(attempt: Attempt = {}): Promise<Answer> {
  const { path = '/', method = 'GET', headers = {}, body, address = '127.0.0.1' } = attempt;
  const sent = request({ host: address, port, path, method, headers, agent: false });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

/** The status an upgrade is refused with; 101 when it is taken. */
async function upgrade(headers: Record<string, string>, path = '/socket'): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  socket.on('error', () => undefined);
  const status = await new Promise<number>((resolve) => {
    socket.once('open', () => resolve(101));
    socket.once('unexpected-response', (_, { statusCode }) => resolve(statusCode ?? 0));
  });
  socket.terminate();
  return status;
}

beforeAll(async () => {
  server = await ServerProcess.start({ dispatcher: { 'frontend-address': '0.0.0.0' } });
  port = Number(/debug mode: http:\/\/[^:]+:(\d+)/.exec(server.readyLine)?.[1]);
});
afterAll(() => server.stop());

describe('DNS rebinding', () => {
  it.each([
    'attacker.example',
    `attacker.example:8180`,
    'localhost.attacker.example',
    'dispatcher',
  ])('gets nothing under the Host "%s"', async (host) => {
    for (const path of ['/', '/schema.json', '/healthz', '/metrics', '/nothing']) {
      expect((await send({ path, headers: { host } })).status, path).toBe(403);
    }
    expect(await upgrade({ host })).toBe(403);
  });

  it('does not stop a person who uses an address or localhost', async () => {
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
      expect((await send({ headers: { host } })).status, host).toBe(200);
    }
  });
});

describe('a page of another site', () => {
  it.each([
    'https://attacker.example',
    'http://127.0.0.1',
    'http://127.0.0.1:1',
    'http://localhost:8180',
    'null',
    'file://',
  ])('with the origin %s gets no socket and no answer', async (origin) => {
    expect(await upgrade({ origin })).toBe(403);
    for (const path of ['/', '/schema.json', '/healthz']) {
      const { status, headers } = await send({ path, headers: { origin } });
      expect(status).toBe(403);
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('is not helped by an allow-list made for the main port', async () => {
    const other = await ServerProcess.start({
      dispatcher: { 'allowed-origins': ['https://gui.example'] },
    });
    const address = /debug mode: (\S+?)\)/.exec(other.readyLine)?.[1] ?? '';
    const socket = new WebSocket(`${address}/socket`, { origin: 'https://gui.example' });
    socket.on('error', () => undefined);
    const [, response] = (await once(socket, 'unexpected-response')) as [
      unknown,
      { statusCode: number },
    ];
    expect(response.statusCode).toBe(403);
    const own = await PlainClient.connect(`${address}/socket`, { origin: address });
    await own.close();
    await other.stop();
  });

  it('cannot send a form: only JSON is taken', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      for (const path of ['/', '/socket', '/schema.json']) {
        const attempt = { path, method: 'POST', body: '{}', headers: { 'content-type': type } };
        expect((await send(attempt)).status).toBe(415);
      }
    }
    expect((await send({ method: 'POST', body: '{}' })).status).toBe(415);
    const json = { 'content-type': 'application/json; charset=utf-8' };
    expect((await send({ method: 'POST', body: '{}', headers: json })).status).toBe(404);
  });

  it('gets no answer to a preflight', async () => {
    const headers = {
      origin: 'https://attacker.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    };
    const { status, headers: answered } = await send({ method: 'OPTIONS', headers });
    expect(status).toBe(403);
    expect(Object.keys(answered).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('the socket of the console', () => {
  it('is for the paths of the protocol', async () => {
    expect(await upgrade({}, '/socket')).toBe(101);
    expect(await upgrade({}, '/assets/x')).toBe(404);
  });

  it('gives an own page no power without a login', async () => {
    const address = `http://127.0.0.1:${port}`;
    const client = await PlainClient.connect(`ws://127.0.0.1:${port}/socket`, { origin: address });
    const reply = await client.call('management.get_plugins');
    expect(reply).toMatchObject({ name: 'error', args: { name: 'EACCES' } });
    await client.close();
  });

  it('answers an own page like any client', async () => {
    const client = await PlainClient.loggedIn(`ws://127.0.0.1:${port}/socket`);
    expect(await client.result('management.ping')).toBe('pong');
    await client.close();
  });
});

describe('every answer', () => {
  it.each(['/', '/schema.json', '/healthz', '/nothing', '/assets/nothing.js'])(
    'at %s forbids foreign and inline code, framing and guessing of types, and sets no cookie',
    async (path) => {
      const { headers } = await send({ path });
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*|data:|https?:/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['set-cookie']).toBeUndefined();
      expect(headers['x-powered-by']).toBeUndefined();
    },
  );

  it('of the page has no script or style of its own and no credential', async () => {
    const { text } = await send();
    expect(text).not.toMatch(/<style|style=|\son\w+=|token|password/i);
    for (const [, body] of text.matchAll(/<script[^>]*>([^<]*)<\/script>/g)) expect(body).toBe('');
    expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it('to a path that climbs out of the folder is "not found"', async () => {
    for (const path of ['/../package.json', '/assets/../../main.js', '/%2e%2e/package.json']) {
      expect((await send({ path })).status).toBe(404);
    }
  });
});

const lanAddress = Object.values(networkInterfaces())
  .flat()
  .find((entry) => entry?.family === 'IPv4' && !entry.internal)?.address;

describe('the documents', () => {
  it('are open on this machine', async () => {
    expect((await send({ path: '/schema.json' })).status).toBe(200);
  });

  it('need a login behind a proxy, whoever that speaks for', async () => {
    const headers = { 'x-forwarded-for': '127.0.0.1' };
    expect((await send({ path: '/schema.json', headers })).status).toBe(401);
  });

  it.skipIf(lanAddress === undefined)('need a login from elsewhere', async () => {
    const address = lanAddress!;
    const from = { path: '/schema.json', address };
    expect((await send(from)).status).toBe(401);
    expect((await send({ ...from, path: '/schema.json?x=1' })).status).toBe(401);
    const bad = { authorization: 'Bearer abc' };
    expect((await send({ ...from, headers: bad })).status).toBe(401);
    const client = await PlainClient.connect(`ws://127.0.0.1:${port}/socket`);
    const login = await client.request('rpc', 'auth', { username: 'root', password: '' });
    const [token] = login.args as [string];
    const good = { authorization: `Bearer ${token}` };
    expect((await send({ ...from, headers: good })).status).toBe(200);
    await client.close();
  });
});

it('is not there when it is turned off', async () => {
  const quiet = await ServerProcess.start({ dispatcher: { frontend: false } });
  expect(quiet.readyLine).not.toContain('debug');
  await quiet.stop();
});
