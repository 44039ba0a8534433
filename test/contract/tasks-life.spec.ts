import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PluginServer } from './plugin-server.js';
import { GATE_PLUGIN, TaskClient } from './task-plugin.js';

let server: PluginServer;

beforeAll(async () => {
  server = await PluginServer.start({ 'gate.ts': GATE_PLUGIN });
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

const client = async (...masks: string[]): Promise<TaskClient> =>
  new TaskClient(await server.admin()).subscribe('gate.*', ...masks);

describe('A task that is submitted', () => {
  it('gets a number, runs, and leaves a row with all that became of it', async () => {
    const tasks = await client();
    const row = await tasks.run('gate.act', 'return', { a: [1, 'x'] });
    expect(row).toMatchObject({
      name: 'gate.act',
      args: ['return', { a: [1, 'x'] }],
      user: 'root',
      parent: null,
      state: 'FINISHED',
      result: { a: [1, 'x'] },
      error: null,
      warnings: [],
      progress: { percentage: 100 },
      abort_requested: false,
    });
    for (const field of ['created_at', 'started_at', 'finished_at']) {
      expect(row[field]).toHaveProperty('$date');
    }
    expect(await tasks.status(row.id)).toEqual(row);
    const query = await tasks.client.result('task.query', [['id', '=', row.id]], { single: true });
    expect(query).toEqual(row);
  });

  it('is told of by events, once for each transition, each readable when its event comes', async () => {
    const tasks = await client('task.*');
    const id = await tasks.submit('gate.hold', 'life');
    await tasks.reached('life');
    const mine = (args: Readonly<Record<string, unknown>>) => args['id'] === id;
    await tasks.event('task.updated', (args) => mine(args) && args['state'] === 'EXECUTING');
    expect((await tasks.status(id)).state).toBe('EXECUTING');
    await tasks.open('life');
    await tasks.event('task.updated', (args) => mine(args) && args['state'] === 'FINISHED');
    expect((await tasks.status(id)).state).toBe('FINISHED');
    expect(tasks.events('task.created').filter(mine)).toHaveLength(1);
    const states = tasks
      .events('task.updated')
      .filter(mine)
      .map(({ state }) => state);
    expect(states).toEqual(['WAITING', 'EXECUTING', 'FINISHED']);
    const named = (operation: string) =>
      tasks
        .events('task.changed')
        .filter((args) => args['operation'] === operation)
        .flatMap(({ ids }) => ids as number[]);
    expect(named('create')).toContain(id);
    expect(named('update')).toContain(id);
  });

  it('fits the schemas of its events as discovery shows them', async () => {
    const tasks = await client();
    const types = await tasks.client.result<Record<string, { event_schema: object }>>(
      'discovery.get_event_types',
    );
    for (const event of ['created', 'updated', 'progress', 'changed']) {
      expect(types[`task.${event}`]?.event_schema).toMatchObject({ type: 'object' });
    }
  });

  it('describes itself, at first by the text of its class', async () => {
    const tasks = await client();
    const id = await tasks.submit('gate.hold', 'described');
    await tasks.reached('described');
    expect((await tasks.status(id))['description']).toEqual({
      message: 'Stands before described',
      name: 'described',
    });
    await tasks.open('described');
    const early = await tasks.submit('gate.slow_verify', 'early', []);
    expect((await tasks.status(early))['description']).toBeNull();
    await tasks.open('early');
    await tasks.wait(early);
  });

  it('can be waited for after its end, and an unknown one is named as such', async () => {
    const tasks = await client();
    const { id } = await tasks.run('gate.act', 'return', 1);
    expect((await tasks.wait(id)).state).toBe('FINISHED');
    for (const method of ['wait', 'status', 'abort', 'explain']) {
      expect(await tasks.refused(`task.${method}`, 1_000_000)).toMatchObject({
        code: 2,
        message: 'No such task',
      });
    }
  });

  it('keeps dates, long integers and odd keys', async () => {
    const tasks = await client();
    const odd = { 'a.b': 1, $c: 2, long: { $long: '4611686018427387904' } };
    const row = await tasks.run('gate.act', 'return', odd);
    expect(row.args[1]).toEqual(odd);
    expect(row.result).toEqual(odd);
    expect((await tasks.run('gate.act', 'bigint', 0)).result).toEqual({
      $long: '4611686018427387904',
    });
    expect((await tasks.run('gate.act', 'date', 0)).result).toEqual({
      $date: '1970-01-01T00:00:00.000Z',
    });
  });

  it('runs again after failures that it calls passing, and says so in warnings', async () => {
    const tasks = await client();
    const good = await tasks.run('gate.flaky', 3);
    expect(good).toMatchObject({ state: 'FINISHED', result: 3 });
    expect(good.warnings.map(({ message }) => message)).toEqual([
      'Attempt 1 of 3 failed: not yet',
      'Attempt 2 of 3 failed: not yet',
    ]);
    expect(await tasks.run('gate.flaky', 4)).toMatchObject({
      state: 'FAILED',
      error: { code: 16, message: 'not yet' },
    });
  });

  it('fails when its time is over', async () => {
    const tasks = await client();
    expect(await tasks.run('gate.late', 'never')).toMatchObject({
      state: 'FAILED',
      error: { code: 110, message: 'Task did not end within 0.05 s' },
    });
  });

  it('reports progress: the first at once, not more than ten a second, the last always', async () => {
    const tasks = await client('task.progress');
    const id = await tasks.submit('gate.act', 'progress', null);
    await tasks.wait(id);
    const reports = tasks.events('task.progress').filter((args) => args['id'] === id);
    expect(reports[0]).toMatchObject({ percentage: 0, message: 'step 0', extra: { i: 0 } });
    expect(reports.at(-1)).toMatchObject({ percentage: 100, message: 'step 1000' });
    expect(reports.length).toBeLessThanOrEqual(3);
    const beyond = await tasks.run('gate.act', 'beyond', null);
    const [first, last] = tasks.events('task.progress').filter(({ id: of }) => of === beyond.id);
    expect([first?.['percentage'], last?.['percentage']]).toEqual([100, 0]);
  });

  it('can be planned: claims and description, and nothing is submitted', async () => {
    const tasks = await client();
    const before = await tasks.client.result('task.query', [], { count: true });
    expect(await tasks.client.result('task.plan', 'gate.hold', ['p', ['disk:da0']])).toEqual({
      resources: ['disk:da0'],
      description: { message: 'Stands before p', name: 'p' },
    });
    expect(await tasks.refused('task.plan', 'gate.act', ['verify-throws', 1])).toMatchObject({
      code: 17,
      message: 'is there',
    });
    expect(await tasks.client.result('task.query', [], { count: true })).toBe(before);
  });
});

describe('A submit that is not in order', () => {
  it('is refused at once and leaves no row', async () => {
    const tasks = await client();
    const before = await tasks.client.result('task.query', [], { count: true });
    expect(await tasks.refused('task.submit', 'no.such', [])).toMatchObject({
      code: 22,
      message: 'Unknown task type no.such',
    });
    expect(await tasks.refused('task.submit', 'gate.hold', [5, 'x', 1])).toMatchObject({
      code: 22,
      message: 'One or more passed arguments failed schema verification',
      extra: expect.arrayContaining([
        expect.objectContaining({ path: [0], code: 22 }),
        expect.objectContaining({ path: [1], code: 22 }),
        expect.objectContaining({ path: [2], code: 22 }),
      ]) as unknown,
    });
    expect(await tasks.client.result('task.query', [], { count: true })).toBe(before);
  });

  it('of a private task is for plugins and services only', async () => {
    const tasks = await client();
    expect(await tasks.refused('task.submit', 'gate.hidden', [])).toMatchObject({ code: 13 });
    const service = new TaskClient(await server.service('tester'));
    expect((await service.run('gate.hidden')).state).toBe('FINISHED');
  });
});

describe('An idempotency key', () => {
  it('gives the first task again for the same arguments, and refuses others', async () => {
    const tasks = await client();
    const env = { idempotencyKey: 'k-1' };
    const submit = (...args: unknown[]) =>
      tasks.client.result<number>('task.submit_with_env', 'gate.act', args, env);
    const [first, second] = await Promise.all([submit('return', 1), submit('return', 1)]);
    expect(second).toBe(first);
    await tasks.wait(first);
    expect(await submit('return', 1)).toBe(first);
    expect(
      await tasks.refused('task.submit_with_env', 'gate.act', ['return', 2], env),
    ).toMatchObject({ code: 17 });
    expect(await tasks.refused('task.submit_with_env', 'gate.hold', ['x'], env)).toMatchObject({
      code: 17,
    });
    const service = new TaskClient(await server.service('another'));
    const other = await service.client.result(
      'task.submit_with_env',
      'gate.act',
      ['return', 1],
      env,
    );
    expect(other, "another's key is another key").not.toBe(first);
  });
});

describe('The environment of a task', () => {
  it('has the id and the sender, and what was submitted along', async () => {
    const tasks = await client();
    const env = { PURPOSE: 'test', ID: 99, SENDER_ADDRESS: 'forged', SENDER_ROLES: ['forged'] };
    const id = await tasks.client.result<number>(
      'task.submit_with_env',
      'gate.act',
      ['environment', null],
      env,
    );
    const { result } = await tasks.wait(id);
    expect(result).toEqual({
      PURPOSE: 'test',
      ID: id,
      SENDER_ADDRESS: expect.stringMatching(/^127\.0\.0\.1,/) as unknown,
      SENDER_ROLES: ['admin'],
    });
  });

  it('names another user only when a service says so', async () => {
    const tasks = await client();
    const args = ['gate.act', ['user', null], { RUN_AS_USER: 'jdoe' }] as const;
    expect(await tasks.refused('task.submit_with_env', ...args)).toMatchObject({ code: 1 });
    const service = new TaskClient(await server.service('scheduler'));
    const id = await service.client.result<number>('task.submit_with_env', ...args);
    expect(await service.wait(id)).toMatchObject({ user: 'jdoe', result: 'jdoe' });
  });
});

describe('task.query', () => {
  it('filters, sorts, selects and counts', async () => {
    const tasks = await client();
    const { id } = await tasks.run('gate.act', 'return', 'wanted');
    await tasks.run('gate.act', 'throw-task', 'x');
    const query = (filter: unknown, params: unknown) =>
      tasks.client.result('task.query', filter, params);
    expect(await query([['id', '=', id]], { select: 'result' })).toEqual(['wanted']);
    expect(await query([['result', '=', 'wanted']], { count: true })).toBe(1);
    expect(await query([['error.code', '=', 28]], { select: ['state', 'error.message'] })).toEqual([
      ['FAILED', 'is full'],
    ]);
    expect(
      await query([['state', '=', 'FAILED']], { single: true, exclude: ['args'] }),
    ).not.toHaveProperty('args');
  });
});
