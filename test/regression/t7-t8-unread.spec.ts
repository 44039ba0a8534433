import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PlainClient } from '../support/plain-client.js';
import { ping, RawWebSocket, text } from '../support/raw-web-socket.js';
import { ServerProcess } from '../support/server-process.js';

const MIB = 1_024 * 1_024;

const call = (id: string): Buffer =>
  text(
    JSON.stringify({
      namespace: 'rpc',
      name: 'call',
      id,
      args: { method: 'management.ping', args: [] },
    }),
  );

describe('a client that does not read', () => {
  it.concurrent.each<[string, object]>([
    ['frames', { 'outbox-frames': 20, 'outbox-grace-ms': 200 }],
    ['bytes', { 'outbox-bytes': 2 * MIB, 'outbox-grace-ms': 200 }],
    ['bytes, several times over at once', { 'outbox-bytes': MIB, 'outbox-grace-ms': 3_600_000 }],
    ['frames, several times over at once', { 'outbox-frames': 20, 'outbox-grace-ms': 3_600_000 }],
  ])(
    'T8: is closed with 1013 for too many %s, and hears it when it reads at last',
    async (_, limits) => {
      const narrow = await ServerProcess.start({
        dispatcher: { 'shipped-plugins': false, frontend: false, limits },
      });
      try {
        const watcher = await PlainClient.loggedIn(narrow.url);
        watcher.send('events', 'subscribe', null, ['server.client_stalled']);
        const publisher = await PlainClient.connect(narrow.url);
        await publisher.request('rpc', 'auth_service', { name: 'publisher' });
        const stalled = await RawWebSocket.open(narrow.url);
        await stalled.logIn();
        const subscribe = { namespace: 'events', name: 'subscribe', id: null, args: ['flood'] };
        stalled.send(Buffer.concat([text(JSON.stringify(subscribe)), call('subscribed')]));
        await stalled.until(() => stalled.texts.length === 1);
        stalled.socket.pause();
        const args = { name: 'flood', args: { text: 'x'.repeat(50_000) } };
        for (let i = 0; i < 600; i += 1) {
          publisher.send('events', 'event', null, args);
          if (i % 50 === 0) await publisher.settled();
        }
        await watcher.find(({ args: its }) => JSON.stringify(its).includes('client_stalled'));
        stalled.send(Buffer.concat(Array.from({ length: 1_000 }, () => ping('still here'))));
        // far behind the five seconds after which it would once have been cut off
        const start = Date.now();
        await vi.waitUntil(() => Date.now() - start > 6_500, { timeout: 10_000 });
        stalled.socket.resume();
        await stalled.until(() => stalled.closeCode !== null);
        expect(stalled.closeCode).toBe(1_013);
        await Promise.all([watcher.close(), publisher.close()]);
      } finally {
        await narrow.stop();
      }
    },
  );
});

describe('a socket that the server does not read', () => {
  let quick: ServerProcess;

  beforeAll(async () => {
    const dispatcher = {
      'shipped-plugins': false,
      frontend: false,
      limits: { 'heartbeat-ms': 1_000 },
    };
    quick = await ServerProcess.start({ dispatcher });
  });
  afterAll(() => quick.stop());

  it('T7: is not taken for dead: 30 right logins at once all get through, with a heartbeat each second', async () => {
    const other = await PlainClient.loggedIn(quick.url);
    const password = 'a long enough password';
    await other.result('account.create', {
      username: 'waiting',
      password: { $password: password },
    });
    const replies = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const client = await PlainClient.connect(quick.url);
        const login = { username: 'waiting', password, check_password: true };
        const reply = await client.request('rpc', 'auth', login);
        await client.close();
        return reply.name;
      }),
    );
    expect(new Set(replies)).toEqual(new Set(['response']));
  });

  it('T7: nor for dead while its client reads slower than a few heartbeats', async () => {
    const client = await PlainClient.loggedIn(quick.url);
    client.socket.pause();
    const text = 'x'.repeat(MIB);
    for (let id = 0; id < 12; id += 1)
      client.send('rpc', 'call', text + String(id), { method: 'a.b', args: [] });
    const start = Date.now();
    await vi.waitUntil(() => Date.now() - start > 4_000, { timeout: 6_000 });
    client.socket.resume();
    await client.find(({ id }) => id === `${text}11`);
    await client.close();
  });
});
