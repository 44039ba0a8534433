import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

let server: ServerProcess;
let port: number;

beforeAll(async () => {
  server = await ServerProcess.start({
    dispatcher: { 'frontend-address': '0.0.0.0', 'shipped-plugins': false },
  });
  port = Number(/debug mode: http:\/\/[^:]+:(\d+)/.exec(server.readyLine)?.[1]);
});
afterAll(() => server.stop());

interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Bytes as they are: no library tidies the target up or refuses a header. */
async function send(target: string, headers: readonly string[] = [], method = 'GET') {
  const socket = connect(port, '127.0.0.1');
  const host = headers.some((line) => /^host:/i.test(line)) ? [] : [`Host: 127.0.0.1:${port}`];
  const lines = [`${method} ${target} HTTP/1.1`, ...host, 'Connection: close', ...headers];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(socket, 'close');
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const answer: Answer = { status: Number(head.split(' ')[1]), head, body: rest.join('\r\n\r\n') };
  return answer;
}

/** What makes the client on this machine a stranger. */
const BEHIND_PROXY = ['X-Forwarded-For: 203.0.113.9'];
const GUARDED = ['/metrics', '/schema.json', '/openrpc.json', '/asyncapi.json'];
const SPELLINGS = [
  ...['/metrics/', '/Metrics', '/METRICS/', '/SCHEMA.JSON', '/asyncapi.json/', '/OpenRPC.json'],
  ...['//metrics', '/metrics;x', '/%6detrics', '/metrics%2f', '/./metrics', '/x/../metrics'],
  ...['/metrics?x', '/metrics/?x=/healthz', '/metrics#x', '/healthz/../metrics', '/metrics%00'],
  ...['/schema%2ejson', '/%73chema.json', '/schema.json?', '/assets/../metrics', '\\metrics'],
];

/** A sign of each document. */
const INSIDE = /dispatcher_|process_cpu|"openrpc"|"asyncapi"|"methods"|"definitions"/;

describe('what tells of the product’s inside', () => {
  it.each([...GUARDED, ...SPELLINGS])('R4: %s is not for strangers', async (target) => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST', 'PROPFIND']) {
      const json = 'Content-Type: application/json';
      const { status, head, body } = await send(target, [...BEHIND_PROXY, json], method);
      expect([400, 401, 404, 405], `${method} ${head}`).toContain(status);
      expect(body).not.toMatch(INSIDE);
      expect(head).not.toMatch(/access-control/i);
    }
  });

  it.each(GUARDED)('R4: %s says how to get in, and is no guess at its type', async (target) => {
    const { status, head } = await send(target, BEHIND_PROXY);
    expect(status).toBe(401);
    expect(head).toMatch(/\r\nWWW-Authenticate: Bearer\r\n/);
    expect(head).toMatch(/\r\nX-Content-Type-Options: nosniff\r\n/);
  });

  it('R4: is for this machine and for who is logged in, under any spelling', async () => {
    const client = await PlainClient.connect(server.url);
    const reply = await client.request('rpc', 'auth', { username: 'root', password: '' });
    const [token] = reply.args as [string];
    for (const target of ['/metrics', '/Metrics/', '/schema.json?x']) {
      expect((await send(target)).status, target).toBe(200);
      const bearer = [...BEHIND_PROXY, `Authorization: Bearer ${token}`];
      expect((await send(target, bearer)).status, target).toBe(200);
    }
    const wrong = [...BEHIND_PROXY, `Authorization: Bearer ${token.slice(1)}`];
    expect((await send('/metrics', wrong)).status).toBe(401);
    await client.close();
  });

  it('A8: is not for the token of a user without a role that lets him read', async () => {
    const client = await PlainClient.connect(server.url);
    await client.request('rpc', 'auth', { username: 'root', password: '' });
    for (const [name, roles] of Object.entries({ bare: [], look: ['reader'] })) {
      await client.result('account.create', { username: name, password: 'secret', roles });
      const user = await PlainClient.connect(server.url);
      const reply = await user.request('rpc', 'auth', { username: name, password: 'secret' });
      const [token] = reply.args as [string];
      const bearer = [...BEHIND_PROXY, `Authorization: Bearer ${token}`];
      for (const target of GUARDED) {
        expect((await send(target, bearer)).status, target).toBe(name === 'look' ? 200 : 401);
      }
      await user.close();
    }
    await client.close();
  });

  it('A10: is under LOCALHOST, which is localhost', async () => {
    for (const host of ['LOCALHOST', `LocalHost:${port}`]) {
      expect((await send('/metrics', [`Host: ${host}`])).status).toBe(200);
    }
    expect((await send('/metrics', ['Host: LOCALHOST.x.example'])).status).toBe(403);
  });

  it('R4: is not for a script or an image of a page of another site', async () => {
    for (const site of ['cross-site', 'same-site']) {
      const headers = [`Sec-Fetch-Site: ${site}`, 'Sec-Fetch-Mode: no-cors'];
      expect((await send('/metrics', headers)).status).toBe(401);
    }
    const followed = ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate'];
    expect((await send('/metrics', followed)).status).toBe(200);
    const own = ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: cors'];
    expect((await send('/metrics', own)).status).toBe(200);
  });

  it('R4: is not for a target that is no path, nor for a Host that is a name', async () => {
    for (const target of ['http://127.0.0.1/metrics', `http://x.example/schema.json`, '*']) {
      expect((await send(target)).status, target).toBe(400);
    }
    const named = ['x.example', `x.example:${port}`, 'localhost.x.example', '127.0.0.1.x.example'];
    for (const host of named) {
      for (const target of ['/metrics', '/metrics/', '/', '/healthz']) {
        expect((await send(target, [`Host: ${host}`])).status, `${host} ${target}`).toBe(403);
      }
    }
  });
});

describe('what is open', () => {
  it.each(['/healthz', '/readyz', '/'])('R4: %s is for everybody', async (target) => {
    const { status, head } = await send(target, BEHIND_PROXY);
    expect(status).toBe(200);
    expect(head).toMatch(/\r\nX-Content-Type-Options: nosniff\r\n/);
  });

  it.each([
    ...['/../package.json', '/assets/../../main.js', '/%2e%2e/package.json', '//index.html'],
    ...['/assets/%2e%2e/%2e%2e/main.js', '/index.html%00.js', '/assets/', '/INDEX.HTML'],
  ])('R4: %s is no file of the console', async (target) => {
    expect((await send(target)).status).toBe(404);
  });
});
