import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlainClient, type WireErrorArgs } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

const PLUGIN = `
import { accepts, description, generator, h, Plugin, Provider, provider, returns } from 'dispatcher';

@provider('odd')
export class OddProvider extends Provider {
  @description('Never gives an item') @accepts() @returns(h.array(h.integer())) @generator()
  async *stuck() { await new Promise(() => undefined); yield 1; }

  @description('Fails where the iterator is made') @accepts() @returns(h.array(h.integer())) @generator()
  async broken() { return { [Symbol.asyncIterator]() { throw new Error('the cursor is closed'); } }; }

  @description('Fails in the middle') @accepts(Object) @returns(h.array(h.integer())) @generator()
  async *halfway(options: object) { yield 1; throw new Error('no more'); }
}

@Plugin({ providers: [OddProvider] })
export default class OddPlugin {}
`;

let server: ServerProcess;
let directory: string;
let other: PlainClient;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-hostile-'));
  await writeFile(join(directory, 'odd.ts'), PLUGIN);
  server = await ServerProcess.start({
    dispatcher: { 'plugin-dirs': [directory], limits: { 'calls-in-flight': 20 } },
  });
  other = await PlainClient.loggedIn(server.url);
});
afterAll(async () => {
  expect(await other.result('management.ping')).toBe('pong');
  await other.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Longest time, in ms, that another client's pings took while `work` went on. */
async function slowestPing(work: () => Promise<unknown>): Promise<number> {
  let slowest = 0;
  const state = { isDone: false };
  const finished = work().finally(() => {
    state.isDone = true;
  });
  do {
    const start = performance.now();
    await other.result('management.ping');
    slowest = Math.max(slowest, performance.now() - start);
    other.received.length = 0;
  } while (!state.isDone);
  await finished;
  return slowest;
}

describe('a hostile client', () => {
  it('cannot hold the server up with a monstrous mask, nor with masks without number', async () => {
    const client = await PlainClient.loggedIn(server.url);
    const slowest = await slowestPing(async () => {
      const long = await client.request('events', 'subscribe', ['['.repeat(1_000_000)]);
      expect(long.args).toMatchObject({
        code: 22,
        message: expect.stringContaining('longer than 256 characters') as string,
      });
      const many = Array.from({ length: 90_000 }, (_, i) => `mask.${i}`);
      const refused = await client.request('events', 'subscribe', many);
      expect(refused.args).toMatchObject({
        code: 22,
        message: expect.stringContaining('1000') as string,
      });
    });
    expect(slowest).toBeLessThan(1_000);
    await client.close();
  });

  it.each([
    { $binary: 'AAAA' },
    { $long: '5' },
    { $date: '2026-01-01T00:00:00Z' },
    { $password: 'x' },
  ])('gets an answer about names for the argument list %j', async (args) => {
    const reply = await other.request('rpc', 'call', { method: 'management.ping', args });
    expect(reply.args).toMatchObject({
      message: 'One or more passed arguments failed schema verification',
    });
    expect((reply.args as WireErrorArgs).extra).toMatchObject([{ path: [Object.keys(args)[0]] }]);
  });

  it('cannot make the server remember continue frames without bound', async () => {
    const client = await PlainClient.loggedIn(server.url);
    await client.result('management.enable_features', ['streaming_responses']);
    client.send('rpc', 'call', 's', { method: 'odd.stuck', args: [] });
    for (let i = 0; i < 100; i += 1) client.send('rpc', 'continue', 's', 2);
    const refusal = await client.find(({ id, name }) => id === 's' && name === 'error');
    expect(refusal.args).toMatchObject({ message: 'Number of simultaneous requests exceeded' });
    await client.close();
  });

  it('does not get more calls running by aborting them', async () => {
    const client = await PlainClient.loggedIn(server.url);
    await client.result('management.enable_features', ['streaming_responses']);
    for (let i = 0; i < 60; i += 1) {
      client.send('rpc', 'call', i, { method: 'management.reload_plugins', args: [['system']] });
      client.send('rpc', 'abort', i, null);
    }
    const refusal = await client.find(({ name }) => name === 'error');
    expect(refusal.args).toMatchObject({ message: 'Number of simultaneous requests exceeded' });
    await client.close();
  });

  it('learns nothing from a producer that fails, and the server stays up', async () => {
    const client = await PlainClient.loggedIn(server.url);
    await client.result('management.enable_features', ['streaming_responses']);
    expect((await client.call('odd.broken')).args).toMatchObject({ code: 14 });
    const secret = { apikey: 'VERY-SECRET' };
    client.send('rpc', 'call', 'h', { method: 'odd.halfway', args: [secret] });
    const failed = await client.find(({ id, name }) => id === 'h' && name === 'error');
    expect(failed.args).toMatchObject({
      code: 14,
      message: expect.stringMatching(/^Internal error/) as string,
    });
    expect(server.log.join('\n')).not.toContain('VERY-SECRET');
    await client.close();
  });

  it.each([
    ['1e999', 'larger than JSON numbers'],
    ['9007199254740993', '$long'],
  ])('is told that the id %s is none', async (id, reason) => {
    const client = await PlainClient.loggedIn(server.url);
    client.sendRaw(
      `{"namespace":"rpc","name":"call","id":${id},"args":{"method":"management.ping","args":[]}}`,
    );
    const answer = await client.find(({ name }) => name === 'error');
    const args = { code: 22, message: expect.stringContaining(reason) as string };
    expect(answer).toMatchObject({ id: null, args });
    await client.close();
  });
});

describe('a session', () => {
  it('that is kicked is told why, loses its connection, and its token is worth nothing', async () => {
    const victim = await PlainClient.connect(server.url);
    const reply = await victim.request('rpc', 'auth', { username: 'root', password: '' });
    const [token] = reply.args as [string];
    const clients = await other.result<{ session_id: number; address: string }[]>(
      'management.get_connected_clients',
    );
    const address = await victim.result<string>('management.get_sender_address');
    const session = clients.find((client) => client.address === address)!.session_id;
    await other.result('management.kick_session', session);
    expect((await victim.closed).code).toBe(4001);
    expect(victim.received.at(-1)).toMatchObject({
      namespace: 'events',
      name: 'logout',
      args: { reason: 'Kicked out by root' },
    });
    const back = await PlainClient.connect(server.url);
    expect((await back.request('rpc', 'auth_token', { token })).args).toMatchObject({ code: 13 });
    await back.close();
    expect((await other.call('management.kick_session', session)).args).toMatchObject({ code: 2 });
  });

  it('may begin with a login and a call larger than a stranger may send, in one go', async () => {
    const client = await PlainClient.connect(server.url);
    client.socket.pause();
    client.send('rpc', 'auth', 1, { username: 'root', password: '' });
    client.send('rpc', 'call', 2, { method: 'discovery.get_methods', args: ['x'.repeat(20_000)] });
    client.socket.resume();
    expect((await client.find(({ id }) => id === 2)).args).toMatchObject({ code: 2 });
    await client.close();
  });

  it('publishes with its secrets hidden, and cannot speak in the name of the server', async () => {
    const client = await PlainClient.loggedIn(server.url);
    client.send('events', 'subscribe', null, ['my.*', 'server.shutdown']);
    client.send('events', 'event', null, {
      name: 'my.news',
      args: { key: { $password: 'hunter2' } },
    });
    const event = await client.find(({ name }) => name === 'event');
    expect(event.args).toMatchObject({
      name: 'my.news',
      args: { key: '<hidden>', timestamp: { $date: expect.any(String) as string } },
    });
    const refused = await client.request('events', 'event', { name: 'server.shutdown', args: {} });
    expect(refused.args).toMatchObject({ code: 1 });
    await client.close();
  });
});
