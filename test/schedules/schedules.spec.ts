import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import { TaskClient } from '../contract/task-plugin.js';
import type { PlainClient } from '../support/plain-client.js';

const PLUGIN = `
import { accepts, h, Password, Plugin, requireRoles, returns, Task, task } from 'dispatcher';
class Says extends Task { verify() { return []; } run(word: unknown) { return [word, (this as any).user ?? null]; } }
@task('night.say', { executor: 'inline' }) @accepts(h.string()) @returns(h.any()) @requireRoles('operator')
export class Say extends Says {}
@task('night.secret', { executor: 'inline' }) @accepts(h.object({ password: h.password() })) @returns(null)
export class Secret extends Task { verify() { return []; } run() { return null; } }
@task('night.root', { executor: 'inline' }) @accepts() @returns(null) @requireRoles('admin')
export class Root extends Task { verify() { return []; } run() { return null; } }
@Plugin({ providers: [Say, Secret, Root] }) export default class {}
`;
const PASSWORD = 'correct horse';
const NIGHTLY = {
  name: 'nightly',
  cron: '0 2 * * *',
  timezone: 'Europe/Berlin',
  task: 'night.say',
  args: ['x'],
};

let server: PluginServer;

beforeAll(async () => {
  server = await PluginServer.start({ 'night.ts': PLUGIN });
  const admin = await server.admin();
  for (const [username, role] of [
    ['olga', 'operator'],
    ['otto', 'operator'],
    ['rita', 'reader'],
  ]) {
    const password = { $password: PASSWORD };
    await admin.result('account.create', { username, password, roles: [role] });
  }
});
afterAll(() => server.stop());
afterEach(async () => {
  const admin = await server.admin();
  for (const { id } of await admin.result<{ id: number }[]>('schedule.query'))
    await admin.result('schedule.remove', id);
  await server.closeClients();
});

async function user(username: string): Promise<PlainClient> {
  const client = await server.stranger();
  await client.request('rpc', 'auth', { username, password: PASSWORD });
  return client;
}

describe('the service schedule', () => {
  it('makes, shows, changes, runs and removes schedules, and tells readers', async () => {
    const [olga, rita] = [await user('olga'), await user('rita')];
    rita.send('events', 'subscribe', null, ['schedule.*']);
    await rita.settled();
    const id = await olga.result<number>('schedule.create', NIGHTLY);
    const [row] = await olga.result<Record<string, unknown>[]>('schedule.query');
    expect(row).toMatchObject({
      ...{ ...NIGHTLY, id, owner: 'olga', enabled: true, catch_up: 'none', overlap: 'skip' },
      ...{ jitter_s: 0, environment: {}, last: null },
    });
    const [next] = await olga.result<{ $date: string }[]>(
      'schedule.preview',
      NIGHTLY.cron,
      NIGHTLY.timezone,
      1,
    );
    expect(row?.['next_at']).toEqual(next);
    const [seen] = await rita.result<Record<string, unknown>[]>('schedule.query');
    expect(seen).toMatchObject({ id, name: 'nightly', args: null, environment: null });
    const task = await olga.result<number>('schedule.run_now', id);
    expect(await new TaskClient(olga).client.result('task.wait', task)).toMatchObject({
      ...{ state: 'FINISHED', user: 'olga' },
    });
    await expect
      .poll(() => olga.result('schedule.query', [], { single: true }))
      .toMatchObject({ last: { task_id: task, state: 'FINISHED', error: null } });
    await olga.result('schedule.update', id, { enabled: false, name: 'other' });
    expect(await olga.result('schedule.query', [], { single: true })).toMatchObject({
      ...{ name: 'other', enabled: false, next_at: null },
    });
    await olga.result('schedule.remove', id);
    await rita.settled();
    const told = rita.received
      .filter(({ name }) => name === 'event')
      .map(({ args }) => (args as { args: { operation: string } }).args.operation);
    expect(new Set(told)).toEqual(new Set(['create', 'update', 'delete']));
  });

  it.each<[string, object, number, string]>([
    ['nonsense', { cron: 'every night' }, 22, 'is no line of cron'],
    ['a sixth field', { cron: '* * * * * *' }, 22, 'five fields'],
    ['30 February', { cron: '0 0 30 2 *' }, 22, 'there is no such day'],
    [
      'a zone that there is not',
      { timezone: 'Mars/Olympus' },
      22,
      'There is no time zone Mars/Olympus',
    ],
    ['an unknown task', { task: 'night.sya' }, 22, 'night.sya'],
    ['arguments that do not fit', { args: [7] }, 22, 'schema'],
    ['a task that the owner may not submit', { task: 'night.root', args: [] }, 13, 'privileges'],
    [
      'a password',
      { task: 'night.secret', args: [{ password: 'hunter2' }] },
      22,
      'keeps no password',
    ],
    ['huge arguments', { args: ['x'.repeat(70_000)] }, 22, '65536'],
    ['another user to run as', { environment: { RUN_AS_USER: 'root' } }, 1, 'RUN_AS_USER'],
    ['an unknown field', { owner: 'root' }, 22, 'schema'],
    ['a jitter of a day', { jitter_s: 86_400 }, 22, 'schema'],
  ])('refuses %s', async (_, wrong, code, message) => {
    const client = await user(JSON.stringify(wrong).includes('secret') ? 'olga' : 'olga');
    const answer = await client.call('schedule.create', { ...NIGHTLY, ...wrong });
    expect(answer).toMatchObject({ name: 'error', args: { code } });
    expect((answer.args as { message: string }).message).toContain(message);
    expect(await client.result('schedule.query')).toEqual([]);
  });

  it('lets owners and administrators change them, and no reader make one', async () => {
    const [olga, otto, rita, admin] = [
      await user('olga'),
      await user('otto'),
      await user('rita'),
      await server.admin(),
    ];
    const id = await olga.result<number>('schedule.create', NIGHTLY);
    const refused = { name: 'error', args: { code: 13 } };
    expect(await otto.call('schedule.update', id, { args: ['y'] })).toMatchObject(refused);
    expect(await otto.call('schedule.run_now', id)).toMatchObject(refused);
    expect(await otto.call('schedule.remove', id)).toMatchObject(refused);
    expect(await rita.call('schedule.create', { ...NIGHTLY, name: 'r' })).toMatchObject(refused);
    expect(await otto.call('schedule.create', NIGHTLY)).toMatchObject({ args: { code: 17 } });
    await admin.result('schedule.update', id, { args: ['z'] });
    expect(await olga.result('schedule.query', [], { single: true })).toMatchObject({
      owner: 'olga',
      args: ['z'],
    });
    const service = await server.service('robot');
    expect(await service.call('schedule.create', { ...NIGHTLY, name: 's' })).toMatchObject({
      args: { code: 1 },
    });
  });

  it('runs as the owner with the rights of the moment', async () => {
    const [olga, admin] = [await user('olga'), await server.admin()];
    const id = await olga.result<number>('schedule.create', NIGHTLY);
    await admin.result('account.update', ['olga'][0], { roles: ['reader'] });
    expect(await admin.call('schedule.run_now', id)).toMatchObject({
      name: 'error',
      args: { code: 13 },
    });
    await admin.result('account.update', 'olga', { roles: ['operator'] });
    expect(await admin.result('schedule.run_now', id)).toEqual(expect.any(Number));
  });
});
