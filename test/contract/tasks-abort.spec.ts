import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PluginServer } from './plugin-server.js';
import { GATE_PLUGIN, TaskClient } from './task-plugin.js';

let server: PluginServer;
let gates = 0;

beforeAll(async () => {
  server = await PluginServer.start({ 'gate.ts': GATE_PLUGIN });
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

const client = async (): Promise<TaskClient> =>
  new TaskClient(await server.admin()).subscribe('gate.*', 'task.*');
const newGate = (): string => `abort-${(gates += 1)}`;
const abort = (tasks: TaskClient, id: number) => tasks.client.result<boolean>('task.abort', id);

describe('An abort', () => {
  it('of a task that verifies ends it, and what verify says afterwards counts for nothing', async () => {
    const tasks = await client();
    const gate = newGate();
    const id = await tasks.submit('gate.slow_verify', gate, ['system']);
    await tasks.reached(gate);
    expect(await abort(tasks, id)).toBe(true);
    expect(await tasks.wait(id)).toMatchObject({ state: 'ABORTED', started_at: null, error: null });
    await tasks.open(gate);
    expect((await tasks.run('gate.act', 'claim', 'system')).state).toBe('FINISHED');
    expect((await tasks.status(id)).state).toBe('ABORTED');
  });

  it('of a task that waits ends it, it never runs, and those behind it go on', async () => {
    const tasks = await client();
    const [held, never] = [newGate(), newGate()];
    const holder = await tasks.submit('gate.hold', held, ['disk:da0']);
    await tasks.reached(held);
    const waiter = await tasks.submit('gate.hold', never, ['root']);
    const behind = await tasks.submit('gate.act', 'claim', 'system');
    expect(await abort(tasks, waiter)).toBe(true);
    expect(await tasks.wait(waiter)).toMatchObject({ state: 'ABORTED', started_at: null });
    expect((await tasks.wait(behind)).state).toBe('FINISHED');
    await tasks.open(held);
    await tasks.wait(holder);
    expect(tasks.events('gate.reached').map(({ name }) => name)).not.toContain(never);
  });

  it('of a running task fires its signal and runs its rollback before the locks are free', async () => {
    const tasks = await client();
    const gate = newGate();
    const id = await tasks.submit('gate.undo', gate, ['disk:da0']);
    await tasks.reached(gate);
    const next = await tasks.submit('gate.act', 'claim', 'disk:da0');
    expect(await abort(tasks, id)).toBe(true);
    expect(await tasks.wait(id)).toMatchObject({
      state: 'ABORTED',
      error: null,
      abort_requested: true,
    });
    await tasks.wait(next);
    const order = tasks.client.received.flatMap(({ name, args }) => {
      const event = args as { name: string; args: Record<string, unknown> };
      if (name !== 'event') return [];
      if (event.name === 'gate.undone') return ['undone'];
      if (event.name !== 'task.updated') return [];
      return [`${event.args['id'] === id ? 'first' : 'next'} ${String(event.args['state'])}`];
    });
    expect(order.filter((step) => step !== 'next WAITING')).toEqual([
      'first WAITING',
      'first EXECUTING',
      'first ROLLBACK',
      'undone',
      'first ABORTED',
      'next EXECUTING',
      'next FINISHED',
    ]);
    expect(tasks.events('gate.undone')).toEqual([
      expect.objectContaining({ name: gate, same: true }),
    ]);
  });

  it('of an ended task comes too late', async () => {
    const tasks = await client();
    const { id } = await tasks.run('gate.act', 'return', 1);
    expect(await abort(tasks, id)).toBe(false);
    expect((await tasks.status(id)).state).toBe('FINISHED');
  });

  it('asked twice is one abort', async () => {
    const tasks = await client();
    const gate = newGate();
    const id = await tasks.submit('gate.hold', gate);
    await tasks.reached(gate);
    const answers = await Promise.all([abort(tasks, id), abort(tasks, id)]);
    expect(answers[0]).toBe(true); // the second may find it ended by then
    expect((await tasks.wait(id)).state).toBe('ABORTED');
    await tasks.client.settled();
    const ends = tasks
      .events('task.updated')
      .filter((args) => args['id'] === id && args['state'] === 'ABORTED');
    expect(ends).toHaveLength(1);
  });

  it('reaches the subtasks first', async () => {
    const tasks = await client();
    const gate = newGate();
    const id = await tasks.submit(
      'gate.parent',
      ['zpool:tank'],
      [['gate.undo', gate, ['disk:da1']]],
    );
    await tasks.reached(gate);
    const [child] = await tasks.client.result<number[]>('task.query', [['parent', '=', id]], {
      select: 'id',
    });
    expect(await abort(tasks, id)).toBe(true);
    expect((await tasks.wait(id)).state).toBe('ABORTED');
    expect(await tasks.status(child!)).toMatchObject({ state: 'ABORTED', parent: id });
    expect(tasks.events('gate.undone')).toHaveLength(1);
  });
});

describe('A rollback', () => {
  it('runs after a failure, on the instance that ran, and the error of the run stays', async () => {
    const tasks = await client();
    const row = await tasks.run('gate.undo', 'bad-rollback', [], 'the disk is full');
    expect(row).toMatchObject({
      state: 'FAILED',
      error: { code: 28, message: 'the disk is full', extra: { name: 'bad-rollback' } },
      warnings: [{ message: 'Rollback failed: rollback broke' }],
    });
    expect(row['rollback_at']).not.toBeNull();
    expect(tasks.events('gate.undone')).toEqual([expect.objectContaining({ same: true })]);
  });
});
