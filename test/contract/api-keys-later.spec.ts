import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { PlainClient } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

const PLUGIN = `
import { accepts, description, Plugin, returns, Task, task, h } from 'dispatcher';

@description('Holds the wall until it is aborted') @task('wall.hold', { executor: 'inline', abortable: true })
@accepts() @returns(null)
export class HoldTask extends Task {
  verify() { return ['system']; }
  run() { return new Promise((_, reject) => this.signal.addEventListener('abort', () => reject(this.signal.reason))); }
}
@description('Paints the wall') @task('wall.paint', { executor: 'inline' })
@accepts() @returns(h.any())
export class PaintTask extends Task {
  verify() { return ['system']; }
  run() { return this.environment.SENDER_ROLES; }
}
@Plugin({ providers: [HoldTask, PaintTask] })
export default class {}
`;

let server: PluginServer;
let admin: PlainClient;
let lastName = 0;

beforeAll(async () => {
  const dispatcher = { 'shipped-plugins': false, frontend: true };
  server = await PluginServer.start({ 'wall/index.ts': PLUGIN }, { dispatcher });
  admin = await server.admin();
  await admin.result('role.create', {
    ...{ name: 'painter', methods: [], publish: [], tasks: ['wall.*'] },
  });
});
afterAll(() => server.stop());

interface Owner {
  readonly name: string;
  readonly id: string;
  readonly key: string;
  /** Logged in by the key. */
  readonly client: PlainClient;
}

/** A user of these roles with a key of those. */
async function owner(roles: readonly string[], keyRoles: readonly string[]): Promise<Owner> {
  lastName += 1;
  const name = `later${lastName}`;
  await admin.result('account.create', { username: name, roles });
  const wanted = { name: 'later', username: name, roles: keyRoles };
  const { id, key } = await admin.result<Owner>('account.create_api_key', wanted);
  const client = await server.stranger();
  await client.request('rpc', 'auth_token', { token: key });
  return { name, id, key, client };
}

interface Row {
  readonly state: string;
  readonly result: unknown;
  readonly error: { readonly code: number; readonly message: string } | null;
}

/** What becomes of a task that is submitted while another one holds what it needs. */
async function afterWaiting(
  submitter: PlainClient,
  meanwhile: () => Promise<unknown>,
): Promise<Row> {
  const holder = await admin.result<number>('task.submit', 'wall.hold', []);
  await expect
    .poll(async () => (await admin.result<Row>('task.status', holder)).state)
    .toBe('EXECUTING');
  const id = await submitter.result<number>('task.submit', 'wall.paint', []);
  await meanwhile();
  await admin.result('task.abort', holder);
  return admin.result<Row>('task.wait', id);
}

const INSUFFICIENT = { state: 'FAILED', error: { code: 13, message: 'Insufficient privileges' } };

describe('a task that was submitted by an API key', () => {
  it('runs with the roles of the key, not with those of its owner', async () => {
    const { client } = await owner(['admin'], ['operator']);
    const row = await afterWaiting(client, () => Promise.resolve());
    expect(row).toMatchObject({ state: 'FINISHED', result: ['operator'] });
  });

  it('fails at its turn when the key was revoked meanwhile', async () => {
    const { client, id } = await owner(['admin'], ['operator']);
    const revoke = (): Promise<unknown> => admin.result('account.revoke_api_key', id);
    expect(await afterWaiting(client, revoke)).toMatchObject(INSUFFICIENT);
  });

  it('fails at its turn when the key has no right to it any more, whatever its owner has', async () => {
    const { client, name } = await owner(['operator', 'painter'], ['painter']);
    const take = (): Promise<unknown> =>
      admin.result('account.update', name, { roles: ['operator'] });
    expect(await afterWaiting(client, take)).toMatchObject(INSUFFICIENT);
  });

  it('shows the key to nobody', async () => {
    const { client, id } = await owner(['operator'], ['operator']);
    const task = await client.result<number>('task.submit', 'wall.paint', []);
    expect(JSON.stringify(await admin.result('task.wait', task))).not.toContain(id);
    expect((await admin.call('task.query', [['api_key', '=', id]])).args).toMatchObject({
      name: 'EINVAL',
    });
  });
});

describe('a schedule that was made by an API key', () => {
  const definition = (name: string) => ({
    ...{ name, cron: '0 3 * * *', timezone: 'UTC', task: 'wall.paint', args: [] },
  });
  const runs = async (id: number): Promise<Row> =>
    admin.result<Row>('task.wait', await admin.result<number>('schedule.run_now', id));

  it('runs with the roles of the key, and not without it', async () => {
    const { client, id } = await owner(['admin'], ['operator']);
    const schedule = await client.result<number>('schedule.create', definition('by key'));
    expect(await runs(schedule)).toMatchObject({ state: 'FINISHED', result: ['operator'] });
    await admin.result('account.revoke_api_key', id);
    expect((await admin.call('schedule.run_now', schedule)).name).toBe('error');
    expect(JSON.stringify(await admin.result('schedule.query'))).not.toContain(id);
    await admin.result('schedule.remove', schedule);
  });

  it('is bound to the key, too, when another was changed by it', async () => {
    const { client } = await owner(['admin'], ['operator']);
    const schedule = await admin.result<number>('schedule.create', definition('own'));
    expect(await runs(schedule)).toMatchObject({ result: ['admin'] });
    expect((await client.call('schedule.update', schedule, { name: 'taken' })).args).toMatchObject({
      name: 'EACCES',
    });
    const other = await owner(['admin'], ['admin']);
    await other.client.result('schedule.update', schedule, { name: 'taken' });
    await admin.result('account.revoke_api_key', other.id);
    expect((await admin.call('schedule.run_now', schedule)).name).toBe('error');
    await admin.result('schedule.remove', schedule);
  });
});

describe('an API key at the other doors', () => {
  it('logs in to /jsonrpc, with its roles and until it is revoked', async () => {
    const { key, id, name } = await owner(['admin'], ['reader']);
    const socket = new WebSocket(server.process.url.replace('/socket', '/jsonrpc'));
    const answers: { id: number; result?: unknown; error?: { data: { name: string } } }[] = [];
    socket.on('message', (data: Buffer) => answers.push(JSON.parse(data.toString()) as never));
    await new Promise((resolve) => socket.once('open', resolve));
    const ask = async (at: number, method: string, params: unknown[]): Promise<unknown> => {
      socket.send(JSON.stringify({ jsonrpc: '2.0', id: at, method, params }));
      await expect.poll(() => answers.find((answer) => answer.id === at)).toBeDefined();
      return answers.find((answer) => answer.id === at);
    };
    expect(await ask(1, 'auth.login_token', [key])).toMatchObject({ result: [key, null, name] });
    expect(await ask(2, 'session.whoami', [])).toMatchObject({ result: { username: name } });
    expect(await ask(3, 'management.shutdown', [])).toMatchObject({
      error: { data: { name: 'EACCES' } },
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await admin.result('account.revoke_api_key', id);
    expect(await closed).toBe(4_001);
  });

  it('opens the debug-mode server to readers, until it is revoked', async () => {
    const base = /http:\/\/[^)]+/.exec(server.process.readyLine)?.[0];
    const reader = await owner(['admin'], ['reader']);
    const nobody = await owner(['admin'], []);
    const page = async (key: string): Promise<number> => {
      const headers = { Authorization: `Bearer ${key}`, 'X-Forwarded-For': '192.0.2.1' };
      return (await fetch(new URL('/metrics', base), { headers })).status;
    };
    expect(await page(reader.key)).toBe(200);
    expect(await page(nobody.key)).not.toBe(200);
    expect(await page(`${reader.key}x`)).not.toBe(200);
    await admin.result('account.revoke_api_key', reader.id);
    expect(await page(reader.key)).not.toBe(200);
  });

  it('lies nowhere on the disk', async () => {
    const { key } = await owner(['reader'], ['reader']);
    const store = join(server.process.directory, 'state');
    const [, , secret = ''] = key.split('_');
    for (const name of ['datastore.db', 'datastore.db-wal']) {
      expect(readFileSync(join(store, name)).includes(secret)).toBe(false);
    }
  });
});

it.each(['account.api_key_created', 'account.api_key_revoked'])(
  'nobody publishes %s but the server',
  async (name) => {
    const args = { id: '0', name: 'x', username: 'root', by: 'root', description: 'x' };
    const reply = await admin.request('events', 'event', { name, args });
    expect(reply).toMatchObject({ name: 'error', args: { name: 'EPERM' } });
  },
);
