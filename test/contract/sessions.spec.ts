import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PlainClient, type WireFrame } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';
import { PrincipalsServer } from './principals.harness.js';

let server: PrincipalsServer;
beforeAll(async () => {
  server = await PrincipalsServer.start();
});
afterAll(() => server.server.stop());

interface Row {
  readonly id: number;
  readonly active: boolean;
  readonly ended_at: unknown;
}
interface Event {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

const eventsOf = (client: PlainClient): Event[] =>
  client.received.filter(({ name }) => name === 'event').map(({ args }) => args as Event);
const isEvent =
  (wanted: string) =>
  ({ name, args }: WireFrame): boolean =>
    name === 'event' && (args as Event).name === wanted;
const sessionOf = (client: PlainClient): Promise<number> =>
  client.result('session.get_my_session_id');

describe('a session', () => {
  it('has a row while it lasts and afterwards', async () => {
    const admin = await server.admin();
    const client = await server.stranger();
    await client.request('rpc', 'auth', { username: 'root', resource: 'test bench' });
    const id = await sessionOf(client);
    const address = await client.result('management.get_sender_address');
    const query = () => admin.result<Row[]>('session.query', [['id', '=', id]]);
    const row = {
      id,
      username: 'root',
      address,
      resource: 'test bench',
      started_at: { $date: expect.any(String) as unknown },
      active: true,
      ended_at: null,
    };
    expect(await query()).toEqual([row]);
    expect(await admin.result('session.get_live_user_sessions')).toContainEqual(row);
    await client.close();
    await expect
      .poll(query)
      .toMatchObject([{ active: false, ended_at: { $date: expect.any(String) as unknown } }]);
    const live = await admin.result<Row[]>('session.get_live_user_sessions');
    expect(live.map((each) => each.id)).toEqual([await sessionOf(admin)]);
  });

  it('is announced when it begins and ends, in the order of the contract', async () => {
    const watcher = await server.admin();
    watcher.send('events', 'subscribe', null, [
      'session.changed',
      'server.client_*',
      'server.service_*',
    ]);
    await watcher.settled();
    const client = await server.admin();
    const [id, address] = [
      await sessionOf(client),
      await client.result('management.get_sender_address'),
    ];
    await client.close();
    await watcher.find(isEvent('server.client_disconnected'));
    const timestamp = expect.anything() as unknown;
    const description = expect.any(String) as unknown;
    const named = { username: 'root', address, description, timestamp };
    expect(eventsOf(watcher).map(({ name, args }) => [name, args])).toEqual([
      ['server.client_connected', { address, description, timestamp }],
      ['session.changed', { operation: 'create', ids: [id], timestamp }],
      ['server.client_login', named],
      ['session.changed', { operation: 'update', ids: [id], timestamp }],
      ['server.client_logout', named],
      ['server.client_disconnected', { address, description, timestamp }],
    ]);
  });

  it('of a service is announced as one', async () => {
    const watcher = await server.admin();
    watcher.send('events', 'subscribe', null, ['server.service_*']);
    await watcher.settled();
    const client = await server.stranger();
    await client.request('rpc', 'auth_service', { name: 'nas' });
    const address = await client.result('management.get_sender_address');
    expect(await client.result('session.whoami')).toMatchObject({
      username: 'nas',
      kind: 'service',
    });
    await client.close();
    await watcher.find(isEvent('server.service_logout'));
    expect(eventsOf(watcher)).toMatchObject([
      { name: 'server.service_login', args: { name: 'nas', address } },
      { name: 'server.service_logout', args: { name: 'nas', address } },
    ]);
  });

  it('ends when another login replaces it', async () => {
    const client = await server.admin();
    const first = await sessionOf(client);
    await client.request('rpc', 'auth', { username: 'root' });
    const second = await sessionOf(client);
    const rows = await client.result<Row[]>('session.query', [['id', 'in', [first, second]]]);
    expect(rows).toMatchObject([
      { id: first, active: false },
      { id: second, active: true },
    ]);
  });
});

describe('a message', () => {
  it('reaches the one session it is for, if that has subscribed', async () => {
    const [sender, target, bystander, deaf] = [
      await server.admin(),
      await server.admin(),
      await server.admin(),
      await server.admin(),
    ];
    for (const client of [target, bystander]) {
      client.send('events', 'subscribe', null, ['session.message']);
      await client.settled();
    }
    await sender.result('session.send_to_session', await sessionOf(target), 'hello');
    await sender.result('session.send_to_session', await sessionOf(deaf), 'hello?');
    const { args } = await target.find(isEvent('session.message'));
    expect((args as Event).args).toMatchObject({
      sender_id: await sessionOf(sender),
      sender_name: 'root',
      message: 'hello',
    });
    for (const client of [bystander, deaf]) {
      await client.settled();
      expect(eventsOf(client)).toEqual([]);
    }
    expect((await sender.call('session.send_to_session', 999_999, 'x')).args).toMatchObject({
      code: 2,
      message: 'Session 999999 not found',
    });
  });

  it('to all reaches everybody who has subscribed, and no stranger', async () => {
    const [sender, target] = [await server.admin(), await server.admin()];
    target.send('events', 'subscribe', null, ['session.*']);
    await target.settled();
    const stranger = await server.stranger();
    stranger.send('events', 'subscribe', null, ['session.*']);
    await sender.result('session.send_to_all', 'fire drill');
    await target.find(isEvent('session.message'));
    await stranger.settled();
    expect(eventsOf(stranger)).toEqual([]);
  });
});

describe('after a crash', () => {
  it('sessions that were open are closed, and their numbers are not used again', async () => {
    const before = await ServerProcess.start({ dispatcher: { frontend: false } });
    onTestFinished(() => before.stop().then(() => undefined));
    const lost = await PlainClient.loggedIn(before.url);
    const id = await sessionOf(lost);
    await lost.result('session.query'); // whoever asks finds what was written
    const exited = once(before.child, 'exit');
    before.child.kill('SIGKILL');
    await exited;
    const dsn = `${before.directory}/state/datastore.db`;
    const after = await ServerProcess.start({
      dispatcher: { frontend: false },
      datastore: { driver: 'sqlite', dsn },
    });
    onTestFinished(() => after.stop().then(() => undefined));
    const client = await PlainClient.loggedIn(after.url);
    onTestFinished(() => client.close());
    expect(await sessionOf(client)).toBeGreaterThan(id);
    const [row] = await client.result<Row[]>('session.query', [['id', '=', id]]);
    expect(row).toMatchObject({
      active: false,
      ended_at: { $date: expect.any(String) as unknown },
    });
  });
});
