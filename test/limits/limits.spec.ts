import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

// One test for each row of the table of limits in the contract of the configuration. Numbers that
// cannot be passed quickly are set lower; the rows of message sizes, calls and depth are as shipped.
const LIMITS = {
  'login-timeout-ms': 6_000,
  connections: 12,
  'connections-per-address': 2,
  'failed-logins-per-minute': 2,
  'outbox-frames': 50,
  'outbox-grace-ms': 300,
  'query-rows': 20,
};
const PLUGIN = `
import { accepts, Datastore, description, Plugin, Provider, provider, query, returns, type Filter, type QueryParams } from 'dispatcher';
import { IsInt } from 'class-validator';
class Row { @IsInt() n!: number; }
@provider('rows')
export class RowsProvider extends Provider {
  @description('Never answers') @accepts() @returns(null)
  wait() { return new Promise<null>(() => undefined); }
  @description('Some rows') @query(Row)
  query(filter: Filter, params: QueryParams) { return this.datastore.query('limit_rows', filter, params); }
  @description('Adds rows') @accepts(Number) @returns(null)
  async fill(count: number) {
    for (let n = 0; n < count; n += 1) await this.datastore.insert('limit_rows', { n });
    return null;
  }
}
@Plugin({ schemas: [Row], providers: [RowsProvider] })
export default class {
  constructor(private readonly datastore: Datastore) {}
  init() { return this.datastore.requireCollection('limit_rows'); }
}
`;

let directory: string;
let server: ServerProcess;
/** Where a client of this machine logs in: over TCP nobody is local while proxies are trusted. */
let local: string;
let other: PlainClient;
const open: PlainClient[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-limits-'));
  local = `ws+unix:${join(directory, 'own.sock')}:/socket`;
  await writeFile(join(directory, 'rows.ts'), PLUGIN);
  server = await ServerProcess.start({
    dispatcher: {
      limits: LIMITS,
      'trusted-proxies': ['127.0.0.0/8'],
      'unix-socket': join(directory, 'own.sock'),
      'plugin-dirs': [directory],
      'shipped-plugins': false,
    },
  });
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Somebody else, who notices nothing of what the test does. */
beforeEach(async () => {
  other = await PlainClient.loggedIn(local);
});
afterEach(async () => {
  expect(other.socket.readyState).toBe(WebSocket.OPEN);
  expect(await other.result('management.ping')).toBe('pong');
  for (const client of [...open.splice(0), other]) {
    client.socket.resume();
    client.socket.terminate();
    await client.closed;
  }
  await vi.waitUntil(async () => {
    const probe = await PlainClient.loggedIn(local).catch(() => null);
    const left = await probe?.result<unknown[]>('management.get_connected_clients');
    probe?.socket.terminate();
    await probe?.closed;
    return left?.length === 1;
  }, 10_000);
});

const kept = async (client: Promise<PlainClient>): Promise<PlainClient> => {
  open.push(await client);
  return client;
};
const stranger = (address?: string) =>
  kept(
    PlainClient.connect(
      server.url,
      address === undefined ? {} : { headers: { 'X-Real-IP': address } },
    ),
  );
const user = () => kept(PlainClient.loggedIn(local));
const login = (client: PlainClient, username: string) =>
  client.request('rpc', 'auth', { username, password: 'wrong', check_password: true });

describe('past the limit', () => {
  it('of a message before login the connection closes with 1009', async () => {
    const client = await stranger();
    client.sendRaw(' '.repeat(8 * 1_024 + 1));
    expect((await client.closed).code).toBe(1009);
  });

  it('of a message after login the connection closes with 1009', async () => {
    const client = await user();
    client.sendRaw(' '.repeat(4 * 1_024 * 1_024 + 1));
    expect((await client.closed).code).toBe(1009);
  });

  it('of the time to log in the connection closes with 4008, unless it is on loopback', async () => {
    const [near, remote] = [await stranger(), await stranger('10.1.1.1')];
    expect((await remote.closed).code).toBe(4008);
    expect(near.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('of calls in flight one more is answered with EBUSY, and the others go on', async () => {
    const client = await user();
    for (let id = 0; id < 1_024; id += 1) {
      client.send('rpc', 'call', id, { method: 'rows.wait', args: [] });
    }
    expect((await client.call('management.ping')).args).toMatchObject({ code: 16, name: 'EBUSY' });
    client.send('rpc', 'abort', 0, null);
    await client.find(({ id, name }) => id === 0 && name === 'close');
    expect(await client.result('management.ping')).toBe('pong');
    expect(client.received.filter(({ id }) => typeof id === 'number')).toHaveLength(1);
  });

  it('of connections one more is refused with HTTP 503', async () => {
    for (let count = 1; count < LIMITS.connections; count += 1) await user();
    await expect(PlainClient.connect(server.url)).rejects.toThrow('503');
  });

  it('of connections of one address one more is refused with HTTP 503; loopback has none', async () => {
    await stranger('10.1.1.2');
    await stranger('10.1.1.2');
    await expect(
      PlainClient.connect(server.url, { headers: { 'X-Real-IP': '10.1.1.2' } }),
    ).rejects.toThrow('503');
    await stranger('10.1.1.3');
    for (let count = 0; count < 4; count += 1) await user();
  });

  it('of connections of one IPv6 host, which has a whole /64, one more is refused with HTTP 503', async () => {
    await stranger('2001:db8:1:2::1');
    await stranger('2001:db8:1:2:ffff::2');
    await expect(
      PlainClient.connect(server.url, { headers: { 'X-Real-IP': '2001:db8:1:2::3' } }),
    ).rejects.toThrow('503');
    await stranger('2001:db8:1:3::1');
  });

  it('of failed logins of an address or for a user the answer is EBUSY with the seconds to wait', async () => {
    const busy = {
      code: 16,
      name: 'EBUSY',
      message: expect.stringMatching(/try again in \d+ s$/) as string,
    };
    const guesser = await stranger('10.1.1.4');
    for (const name of ['ann', 'bob'])
      expect((await login(guesser, name)).args).toMatchObject({ code: 13 });
    expect((await login(guesser, 'eve')).args).toEqual(busy);
    const second = await stranger('10.1.1.5');
    expect((await login(second, 'carol')).args).toMatchObject({ code: 13 });
    const third = await stranger('10.1.1.6');
    expect((await login(third, 'carol')).args).toMatchObject({ code: 13 });
    // the user's failures are used up: nobody else is kept out for it, whoever guessed is
    expect((await login(third, 'carol')).args).toEqual(busy);
  });

  it('of the outbox a client that does not read is closed with 1013, which is an event', async () => {
    other.send('events', 'subscribe', null, ['server.client_stalled']);
    await other.settled();
    const stalled = await user();
    stalled.send('events', 'subscribe', null, ['flood']);
    await stalled.settled();
    stalled.socket.pause();
    const publisher = await user();
    for (let i = 0; i < 400; i += 1) {
      const args = { text: 'x'.repeat(50_000) };
      publisher.send('events', 'event', null, { name: 'flood', args });
      if (i % 50 === 0) await publisher.settled();
    }
    await other.find(({ args }) => JSON.stringify(args).includes('server.client_stalled'));
    stalled.socket.resume();
    expect((await stalled.closed).code).toBe(1013);
  });

  it('of the rows of a query the answer is EOVERFLOW that names it, and `limit` is a way out', async () => {
    const client = await user();
    await client.result('rows.fill', LIMITS['query-rows'] + 1);
    expect((await client.call('rows.query')).args).toMatchObject({
      code: 75,
      name: 'EOVERFLOW',
      message: expect.stringContaining('20') as string,
    });
    expect(await client.result('rows.query', [], { limit: 20 })).toHaveLength(20);
  });

  it('of the depth of a filter the answer is EINVAL', async () => {
    const client = await user();
    const nested = (depth: number): unknown[] =>
      depth === 0 ? ['n', '=', 1] : ['and', [nested(depth - 1)]];
    expect((await client.call('rows.query', [nested(40)])).args).toMatchObject({
      code: 22,
      name: 'EINVAL',
    });
    expect((await client.call('rows.query', [nested(20)])).name).toBe('response');
  });
});
