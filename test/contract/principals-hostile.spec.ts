import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PlainClient } from '../support/plain-client.js';
import {
  BAD_CREDENTIALS,
  INSUFFICIENT,
  login,
  PASSWORD,
  PrincipalsServer,
} from './principals.harness.js';

const CLI = fileURLToPath(new URL('../../dist/src/cli/dispatcherctl.js', import.meta.url));

let server: PrincipalsServer;
beforeAll(async () => {
  server = await PrincipalsServer.start();
});
afterAll(() => server.server.stop());

/** Runs `dispatcherctl` and answers what it printed; a password goes in by the standard input. */
function cli(words: readonly string[], input = ''): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    const args = [CLI, '--url', server.server.process.url, ...words];
    const child = execFile(process.execPath, args, (error, stdout, stderr) => {
      resolve({ status: Number(error?.code ?? 0), text: `${stdout}${stderr}` });
    });
    child.stdin?.end(input);
  });
}

describe('guessing at passwords', () => {
  it('is slowed, then refused with the seconds to wait; local logins and others are not', async () => {
    const own = await PrincipalsServer.start({ limits: { 'failed-logins-per-minute': 5 } });
    onTestFinished(() => own.server.stop());
    const root = await own.admin();
    const account = { username: 'ann', password: { $password: PASSWORD }, roles: ['reader'] };
    await root.result('account.create', account);
    const guesser = await own.stranger();
    for (let n = 0; n < 5; n += 1) {
      expect((await login(guesser, 'ann', `guess ${n}`)).args).toEqual(BAD_CREDENTIALS);
    }
    for (const password of ['guess', PASSWORD]) {
      expect((await login(guesser, 'ann', password)).args).toEqual({
        code: 16,
        name: 'EBUSY',
        message: expect.stringMatching(/^Too many failed logins: try again in \d+ s$/) as unknown,
      });
    }
    expect((await guesser.request('rpc', 'auth', { username: 'ann' })).name).toBe('response');
    expect((await guesser.request('rpc', 'auth', { username: 'root' })).name).toBe('response');
    expect(await guesser.result('management.ping')).toBe('pong');
  });

  it('with a thousand frames at once takes no more than one guess at a time, in order', async () => {
    const own = await PrincipalsServer.start({ limits: { 'failed-logins-per-minute': 5 } });
    onTestFinished(() => own.server.stop());
    const guesser = await own.stranger();
    const args = { username: 'root', password: 'x' };
    for (let n = 0; n < 1_000; n += 1) guesser.send('rpc', 'auth', n, args);
    await guesser.find(({ id }) => id === 999);
    const answers = guesser.received.map(({ id, args: error }) => [
      id,
      (error as { code: number }).code,
    ]);
    expect(answers).toEqual(Array.from({ length: 1_000 }, (_, n) => [n, n < 5 ? 13 : 16]));
  });

  it('does not end when the client goes in the middle of it', async () => {
    const client = await PlainClient.connect(server.server.process.url);
    client.send('rpc', 'auth', 1, { username: 'root', password: 'x' });
    client.socket.terminate();
    await client.closed;
    const other = await server.admin();
    expect(await other.result('management.ping')).toBe('pong');
  });
});

describe('a peer that pretends', () => {
  const asRoot = { username: 'root', password: '' };

  it.each([
    ['X-Real-IP', { 'X-Real-IP': '127.0.0.1' }],
    ['X-Forwarded-For', { 'X-Forwarded-For': '127.0.0.1' }],
    ['Forwarded', { Forwarded: 'for=127.0.0.1' }],
    ['the Origin of a web page', { Origin: 'https://evil.example' }],
  ])('to be local by %s is not', async (_, headers) => {
    const client = await server.stranger({ headers });
    expect((await client.request('rpc', 'auth', asRoot)).args).toEqual(BAD_CREDENTIALS);
    const service = await client.request('rpc', 'auth_service', { name: 'nas' });
    expect(service.args).toMatchObject({ code: 13, message: 'Not authorized' });
  });

  it('to be local through a trusted proxy is not', async () => {
    const proxied = await PrincipalsServer.start({ 'trusted-proxies': ['127.0.0.9'] });
    onTestFinished(() => proxied.server.stop());
    const client = await proxied.stranger({
      localAddress: '127.0.0.9',
      headers: { 'X-Forwarded-For': '127.0.0.1' },
    });
    expect((await client.request('rpc', 'auth', asRoot)).args).toEqual(BAD_CREDENTIALS);
  });

  it('to be a transport helper gets nothing by it', async () => {
    const client = await server.stranger({ headers: { 'X-Real-IP': '192.0.2.1' } });
    client.send('transport', 'setup', 'uuid', ['127.0.0.1', 22]);
    expect((await client.find(({ id }) => id === 'uuid')).args).toMatchObject({
      code: 22,
      message: 'Invalid request',
    });
    expect((await client.request('rpc', 'auth', asRoot)).args).toEqual(BAD_CREDENTIALS);
  });

  it('to have a token does not, and a token is no session number', async () => {
    const client = await server.stranger();
    for (const token of ['', '1', 'A'.repeat(43), '__proto__']) {
      const reply = await client.request('rpc', 'auth_token', { token });
      expect(reply.args).toMatchObject({ code: 13, message: 'Incorrect or expired token' });
    }
  });

  it('to be the server may not publish its events, nor a reader any', async () => {
    const admin = await server.admin();
    const listener = await server.admin();
    listener.send('events', 'subscribe', null, ['*.forged']);
    await listener.settled();
    const forge = async (client: PlainClient, name: string, as: string) => {
      client.send('events', 'event', as, { name, args: {} });
      return (await client.find(({ id }) => id === as)).args;
    };
    for (const name of ['server.forged', 'task.forged', 'session.forged', 'plugin.forged']) {
      expect(await forge(admin, name, name)).toMatchObject({ code: 1 });
    }
    const reader = await server.user('reader', 'reader');
    expect(await forge(reader, 'any.forged', 'any')).toEqual(INSUFFICIENT);
    expect(JSON.stringify(await listener.settled())).not.toContain('forged');
  });
});

describe('what the original let anybody do', () => {
  it('needs the role of an administrator', async () => {
    const operator = await server.user('ann', 'operator');
    for (const [method, ...args] of [
      ['management.shutdown'],
      ['management.reload_plugins'],
      ['management.kick_session', 1],
      ['management.set_logging_level', 'error'],
      ['account.query'],
      ['account.create', { username: 'mallory', roles: ['admin'] }],
      ['account.update', 'ann', { roles: ['admin'] }],
      ['role.create', { name: 'mine', methods: ['*'] }],
    ] as const) {
      expect([method, (await operator.call(method, ...args)).args]).toEqual([method, INSUFFICIENT]);
    }
  });
});

describe('dispatcherctl user', () => {
  it('adds, lists, changes and removes users of the running server', async () => {
    const add = [
      'user',
      'add',
      'cleo',
      '--role',
      'operator',
      '--role',
      'reader',
      '--password-stdin',
    ];
    expect(await cli(add, `${PASSWORD}\n`)).toEqual({ status: 0, text: '' });
    expect(await (await server.loggedIn('cleo')).result('door.roles')).toEqual([
      'operator',
      'reader',
    ]);
    expect(JSON.parse((await cli(['user', 'list'])).text)).toContainEqual(
      expect.objectContaining({ username: 'cleo', roles: ['operator', 'reader'] }),
    );
    expect((await cli(['user', 'passwd', 'cleo', '--password-stdin'], 'newer')).status).toBe(0);
    await server.loggedIn('cleo', 'newer');
    expect((await cli(['user', 'remove', 'cleo'])).status).toBe(0);
    expect(await cli(['user', 'remove', 'cleo'])).toEqual({
      status: 1,
      text: 'ENOENT: User cleo not found\n',
    });
  });

  it('says what is missing', async () => {
    expect((await cli(['user', 'add', 'x', '--password-stdin'], '')).text).toContain(
      'There is no password on the standard input',
    );
    expect((await cli(['user', 'passwd', 'x'])).text).toContain('--password-stdin');
    expect((await cli(['user', 'promote', 'x'])).text).toContain('Usage:');
  });
});
