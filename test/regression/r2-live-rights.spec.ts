import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import { JsonRpcClient } from '../support/json-rpc-client.js';
import { PlainClient, type WireFrame } from '../support/plain-client.js';

/** Endless streams, one with a signal and one without, and a call that ends when it is told to. */
const PLUGIN = `
import { accepts, generator, h, Plugin, Provider, provider, requireRoles, returns, signal, Task, task } from 'dispatcher';
const stopped = (stop) => new Promise((resolve) => stop.addEventListener('abort', resolve));
let open; const passed = new Promise((resolve) => { open = resolve; });
let ended = [];

@provider('run') export class RunProvider extends Provider {
  @accepts() @returns(h.array(h.integer())) @generator() @requireRoles('operator')
  async *live(@signal() stop) { try { yield 1; await stopped(stop); } finally { ended.push('live'); } }
  @accepts() @returns(h.array(h.integer())) @generator() @requireRoles('operator')
  *counted() { try { for (let i = 0; ; i += 1) yield i; } finally { ended.push('counted'); } }
  @accepts() @returns(String) @requireRoles('operator')
  async heed(@signal() stop) { this.dispatcher.emitEvent('run.heeds', {}); await stopped(stop); return 'told'; }
  @accepts() @returns(h.array(String)) ended() { return ended; }
  @accepts() @returns(null) forget() { ended = []; return null; }
  @accepts() @returns(null) open() { open(); return null; }
}
@task('run.hold', { executor: 'inline' }) @accepts() @returns(null)
export class Hold extends Task { verify() { return []; } async run() { await passed; return null; } }
@Plugin({ providers: [RunProvider, Hold] }) export default class {}
`;

const DENIED = { name: 'error', args: { code: 13 } };
let server: PluginServer;
let admin: PlainClient;
let clients: PlainClient[] = [];
let lastName = 0;

beforeAll(async () => {
  server = await PluginServer.start(
    { 'run.ts': PLUGIN },
    { dispatcher: { 'shipped-plugins': false } },
  );
  admin = await PlainClient.loggedIn(server.process.url);
  admin.send('events', 'subscribe', null, ['run.*']);
  await admin.result('account.create', { username: 'nobody-much', roles: [] });
  await admin.result('lock.init', 'the lock');
});
beforeEach(async () => {
  await admin.result('run.forget');
  return async () => {
    for (const client of clients) await client.close();
    clients = [];
  };
});
afterAll(async () => {
  await admin.result('run.open');
  await admin.close();
  await server.stop();
});

async function connected(): Promise<PlainClient> {
  const client = await PlainClient.connect(server.process.url);
  clients.push(client);
  return client;
}

/** As root of this machine, who may be anybody. */
const login = (client: PlainClient, username: string): Promise<WireFrame> =>
  client.request('rpc', 'auth', { username });

/** A new user with these roles, logged in, who takes streams. */
async function newUser(...roles: string[]): Promise<{ name: string; client: PlainClient }> {
  const name = `user-${(lastName += 1)}`;
  await admin.result('account.create', { username: name, roles });
  const client = await connected();
  await login(client, name);
  await client.result('management.enable_features', ['streaming_responses']);
  return { name, client };
}

/** A stream that has delivered its first fragment; what ends it is the next frame with its id. */
async function stream(client: PlainClient, method: string, view = false): Promise<string> {
  const id = `stream-${method}-${(lastName += 1)}`;
  client.send('rpc', 'call', id, { method, args: [], view });
  const first = await client.find((frame) => frame.id === id);
  expect(first.name).toBe('fragment');
  return id;
}

const secondOf = (client: PlainClient, id: string): Promise<WireFrame> =>
  client.find((frame) => client.received.filter((each) => each.id === id)[1] === frame);

async function ends(...names: string[]): Promise<void> {
  for (;;) {
    const ended = await admin.result<string[]>('run.ended');
    if (names.every((name) => ended.includes(name))) return;
  }
}

/** Ways in which a user who was an operator and admin loses that; each leaves the connection open. */
const LOSSES: [string, (user: { name: string; client: PlainClient }) => Promise<unknown>][] = [
  ['its roles are taken away', ({ name }) => admin.result('account.update', name, { roles: [] })],
  [
    'its roles become fewer',
    ({ name }) => admin.result('account.update', name, { roles: ['reader'] }),
  ],
  ['another user logs in', ({ client }) => login(client, 'nobody-much')],
];

describe.each(LOSSES)('when %s', (loss, lose) => {
  it('R2: streams and views end with EACCES, and so do their producers', async () => {
    const user = await newUser('operator');
    const [live, counted] = [
      await stream(user.client, 'run.live'),
      await stream(user.client, 'run.counted'),
    ];
    const view = await stream(user.client, 'run.counted', true);
    await lose(user);
    for (const id of [live, counted, view]) {
      expect(await secondOf(user.client, id)).toMatchObject(DENIED);
    }
    expect(await user.client.request('rpc', 'continue', 2)).toMatchObject({ args: { code: 2 } });
    await ends('live', 'counted');
  });

  it('R2: the locks go to the next that waits, and a place in the queue is lost', async () => {
    const [user, waits] = [await newUser('admin'), await newUser('admin')];
    expect(await user.client.result('lock.acquire', 'the lock')).toBe(true);
    const next = admin.result('lock.acquire', 'the lock');
    await admin.settled();
    const place = waits.client.call('lock.acquire', 'the lock');
    await waits.client.settled();
    await lose(waits);
    expect(await place).toMatchObject({ args: false });
    await lose(user);
    expect(await next).toBe(true);
    await admin.result('lock.release', 'the lock');
    expect(await admin.result('lock.is_locked', 'the lock')).toBe(false);
  });

  it('R2: a running call gets its signal', async () => {
    const user = await newUser('operator');
    const call = user.client.call('run.heed');
    await admin.find(({ args }) => (args as { name?: string } | null)?.name === 'run.heeds');
    await user.client.settled();
    await lose(user);
    expect(await call).toMatchObject({ name: 'response', args: 'told' });
  });

  it('R2: who waits for a task that is not shown any more is refused', async () => {
    const boss = await newUser('operator');
    const id = await boss.client.result<number>('task.submit', 'run.hold', []);
    const role = `role-${(lastName += 1)}`;
    await admin.result('role.create', { name: role, methods: ['*'], tasks: ['run.*'] });
    const user = await newUser(role);
    const wait = user.client.call('task.wait', id);
    await user.client.settled();
    if (loss === 'its roles become fewer') await admin.result('role.update', role, { tasks: [] });
    else await lose(user);
    expect(await wait).toMatchObject(DENIED);
  });
});

describe('what is still allowed', () => {
  it('R2: goes on when other roles go, and when the same user logs in again', async () => {
    const { name, client } = await newUser('operator', 'admin');
    const id = await stream(client, 'run.counted');
    expect(await client.result('lock.acquire', 'the lock')).toBe(true);
    await admin.result('account.update', name, { roles: ['admin'] });
    await login(client, name);
    client.send('rpc', 'continue', id, 2);
    expect(await secondOf(client, id)).toMatchObject({ name: 'fragment', args: { seqno: 2 } });
    expect(await admin.result('lock.is_locked', 'the lock')).toBe(true);
    await admin.result('account.update', name, { roles: [] });
    client.send('rpc', 'continue', id, 3);
    const third = await client.find(
      (frame) => client.received.filter((each) => each.id === id)[2] === frame,
    );
    expect(third).toMatchObject(DENIED);
    expect(await admin.result('lock.is_locked', 'the lock')).toBe(false);
  });

  it('R2: who takes the own roles away is answered all the same', async () => {
    const { name, client } = await newUser('admin');
    expect(await client.call('account.update', name, { roles: [] })).toMatchObject({
      name: 'response',
    });
    expect(await client.call('account.query')).toMatchObject(DENIED);
  });
});

describe('when the user goes', () => {
  it.each<[string, (name: string, session: number) => Promise<unknown>]>([
    ['removed', (name) => admin.result('account.remove', name)],
    ['locked', (name) => admin.result('account.update', name, { locked: true })],
    ['kicked', (_name, session) => admin.result('management.kick_session', session)],
  ])(
    'R2: as one that is %s, everything ends at once, before the goodbye is answered',
    async (_, go) => {
      const { name, client } = await newUser('admin', 'operator');
      const session = await client.result<number>('session.get_my_session_id');
      await client.result('lock.acquire', 'the lock');
      const id = await stream(client, 'run.live');
      client.socket.pause(); // it does not even see the goodbye
      await go(name, session);
      expect(await admin.result('lock.is_locked', 'the lock')).toBe(false);
      await ends('live');
      client.socket.resume();
      expect(await secondOf(client, id)).toMatchObject(DENIED);
      expect((await client.closed).code).toBe(4_001);
    },
  );
});

describe('when a role changes under those who have it', () => {
  it.each<[string, (role: string) => Promise<unknown>]>([
    ['its masks become fewer', (role) => admin.result('role.update', role, { methods: ['a.*'] })],
    ['it is removed', (role) => admin.result('role.remove', role)],
  ])('R2: and %s, their streams end', async (_, change) => {
    const role = `role-${(lastName += 1)}`;
    await admin.result('role.create', { name: role, methods: ['run.*'] });
    const { client } = await newUser(role);
    const id = await stream(client, 'run.counted');
    await change(role);
    expect(await secondOf(client, id)).toMatchObject(DENIED);
  });
});

describe('over JSON-RPC, where streams are collected', () => {
  it('R2: one that is collected ends with EACCES, and locks are released', async () => {
    const { name } = await newUser('admin', 'operator');
    const client = await JsonRpcClient.connect(new URL('/jsonrpc', server.process.url).href);
    await client.request('auth.login', [name, '']);
    expect(await client.request('lock.acquire', ['the lock'])).toMatchObject({ result: true });
    const collected = client.request('run.live', []);
    await client.request('management.ping');
    await admin.result('account.update', name, { roles: [] });
    expect((await collected).error?.data).toMatchObject({ code: 13 });
    expect(await admin.result('lock.is_locked', 'the lock')).toBe(false);
    await client.close();
  });
});
