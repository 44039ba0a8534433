import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PluginServer } from './plugin-server.js';
import { GATE_PLUGIN, TaskClient } from './task-plugin.js';

let server: PluginServer;

beforeAll(async () => {
  server = await PluginServer.start(
    { 'gate.ts': GATE_PLUGIN },
    { dispatcher: { tasks: { 'verify-timeout-ms': 200 } } },
  );
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

const client = async (): Promise<TaskClient> =>
  new TaskClient(await server.admin()).subscribe('gate.*', 'task.*');

describe('A verify', () => {
  it.each([
    ['verify-throws', 17, 'is there', { what: 'x' }],
    ['verify-error', 14, 'verify broke', null],
    ['verify-hangs', 110, 'verify did not end within 0.2 s', null],
  ])('that does %s fails its task with that code', async (how, code, message, extra) => {
    const tasks = await client();
    const row = await tasks.run('gate.act', how, 'x');
    expect(row).toMatchObject({ state: 'FAILED', error: { code, message, extra } });
    expect(row['started_at']).toBeNull();
    expect(row['finished_at']).not.toBeNull();
  });

  it('that finds many faults tells each with its path', async () => {
    const tasks = await client();
    expect((await tasks.run('gate.act', 'verify-many', 'x')).error).toMatchObject({
      type: 'ValidationException',
      code: 74,
      message: 'Validation failed',
      extra: [
        { path: [1, 'a'], message: 'is bad', code: 22 },
        { path: [1, 'b'], message: 'is worse', code: 17 },
      ],
    });
  });

  it.each([
    ['nothing', null],
    ['a number', 5],
    ['a name', 'disk:da0'],
    ['a list of numbers', [1]],
    ['an empty name', ['']],
    ['an unknown mode', [{ resource: 'disk:da0', mode: 'greedy' }]],
  ])('that returns %s fails its task', async (_, claims) => {
    const tasks = await client();
    const row = await tasks.run('gate.act', 'verify-nonsense', claims);
    expect(row).toMatchObject({ state: 'FAILED', error: { code: 22 } });
    expect(row.error?.message).toContain('must return a list of resource names');
  });
});

describe('A run', () => {
  it.each([
    ['throw-undefined', 14],
    ['throw-string', 14],
    ['throw-error', 14],
    ['throw-task', 28],
    ['circular', 14],
    ['too-big', 22],
    ['nan-progress', 22],
  ])('that does %s fails its task and nothing else', async (how, code) => {
    const tasks = await client();
    const row = await tasks.run('gate.act', how, 'x');
    expect(row).toMatchObject({ state: 'FAILED', error: { code }, result: null });
    expect((await tasks.run('gate.act', 'return', 1)).result).toBe(1);
  });

  it('that settles twice counts once', async () => {
    const tasks = await client();
    expect(await tasks.run('gate.act', 'twice', null)).toMatchObject({
      state: 'FINISHED',
      result: 1,
    });
  });

  it('that returns what its schema forbids fails, with the details in extra', async () => {
    const tasks = await client();
    expect(await tasks.run('gate.liar')).toMatchObject({
      state: 'FAILED',
      error: { code: 14, message: 'The result of the task does not fit its schema' },
    });
  });

  it('leaves warnings in its row without failing', async () => {
    const tasks = await client();
    expect(await tasks.run('gate.act', 'warn', null)).toMatchObject({
      state: 'FINISHED',
      warnings: [{ code: 5, message: 'a bad sector', extra: { sector: 7 } }],
    });
  });
});

describe('The stack of an error', () => {
  it('is shown to administrators only', async () => {
    const admin = await client();
    const { id } = await admin.run('gate.act', 'throw-error', 'x');
    expect((await admin.status(id)).error?.stacktrace).toContain('run broke');
    await admin.client.result('account.create', {
      username: 'looker',
      password: { $password: 'correct horse' },
      roles: ['reader'],
    });
    const looker = await server.stranger();
    await looker.request('rpc', 'auth', { username: 'looker', password: 'correct horse' });
    const reader = new TaskClient(looker);
    expect((await reader.status(id)).error).toMatchObject({
      message: 'run broke',
      stacktrace: null,
    });
    const filter = [['id', '=', id]];
    const asked = await looker.result('task.query', filter, { select: 'error.stacktrace' });
    expect(asked).toEqual([null]);
    // who may not see it may not guess it by asking either
    for (const filter of [
      [['error.stacktrace', '~', 'at run']],
      [
        [
          'or',
          [
            ['id', '=', id],
            ['idempotency_key', '!=', null],
          ],
        ],
      ],
      [['sealed', '!=', null]],
    ]) {
      expect(await reader.refused('task.query', filter)).toMatchObject({ code: 22 });
      expect(await reader.refused('task.query', filter, { count: true })).toMatchObject({
        code: 22,
      });
    }
    expect(await reader.refused('task.query', [], { sort: 'idempotency_digest' })).toMatchObject({
      code: 22,
    });
    expect(await reader.refused('task.submit', 'gate.act', ['return', 1])).toMatchObject({
      code: 13,
    });
    expect(await reader.refused('task.abort', id)).toMatchObject({ code: 13 });
  });
});

describe('A password among the arguments', () => {
  it('reaches the run and is hidden from everybody else', async () => {
    const tasks = await client();
    const row = await tasks.run('gate.secret', { user: 'u', password: { $password: 'hunter2!' } });
    expect(row).toMatchObject({ state: 'FINISHED', result: 8 });
    expect(row.args[0]).toEqual({ user: 'u', password: '<hidden>' });
    expect(JSON.stringify(tasks.client.received)).not.toContain('hunter2!');
    expect(server.process.log.join('\n')).not.toContain('hunter2!');
  });
});
