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
const newGate = (): string => `lock-${(gates += 1)}`;

interface Reason {
  readonly relation: string;
  readonly task?: number;
  readonly resource?: string;
  readonly path?: readonly string[];
}

const waitsOf = async (tasks: TaskClient, id: number): Promise<readonly Reason[]> =>
  (await tasks.client.result<{ waits: readonly Reason[] }>('task.explain', id)).waits;

describe('While dataset:tank is held', () => {
  const waiting = [
    'dataset:tank',
    'dataset:tank/media',
    'zpool:tank',
    'disk:da1',
    'disk:da2',
    'root',
  ];
  const running = ['disk:da0', 'system'];

  it('what is below and above waits, the rest runs; all run in order once it is let go', async () => {
    const tasks = await client();
    const held = newGate();
    const holder = await tasks.submit('gate.hold', held, ['dataset:tank']);
    await tasks.reached(held);
    const free = await Promise.all(running.map((name) => tasks.run('gate.act', 'claim', name)));
    expect(free.map(({ state }) => state)).toEqual(running.map(() => 'FINISHED'));

    const ids: number[] = [];
    for (const name of waiting) ids.push(await tasks.submit('gate.act', 'claim', name));
    for (const [index, id] of ids.entries()) {
      expect((await tasks.status(id)).state, waiting[index]).toBe('WAITING');
      const reasons = await waitsOf(tasks, id);
      const first = reasons.find(({ relation }) => relation === 'held');
      expect(first).toMatchObject({ task: holder, resource: 'dataset:tank' });
      expect(first?.path?.[0]).toBe(waiting[index]);
      expect(first?.path?.at(-1)).toBe('dataset:tank');
    }
    await tasks.open(held);
    for (const id of ids) expect((await tasks.wait(id)).state).toBe('FINISHED');
    const begun = tasks
      .events('task.updated')
      .filter(({ state, id }) => state === 'EXECUTING' && ids.includes(id as number))
      .map(({ id }) => id);
    expect(begun).toHaveLength(ids.length);
    // the two conflict with each other only through what they share: root is last of all, the pool after its data set
    expect(begun.indexOf(ids[5]!)).toBe(5);
    expect(begun.indexOf(ids[2]!)).toBeGreaterThan(begun.indexOf(ids[0]!));
  });

  it('is shown with its holder and whoever waits for it by name', async () => {
    const tasks = await client();
    const held = newGate();
    const holder = await tasks.submit('gate.hold', held, ['dataset:tank']);
    await tasks.reached(held);
    const waiter = await tasks.submit('gate.act', 'claim', 'dataset:tank/media');
    const rows = await tasks.client.result<{ name: string }[]>('task.list_resources');
    const row = (name: string) => rows.find((candidate) => candidate.name === name);
    const holders = [{ task: holder, mode: 'exclusive' }];
    expect(row('dataset:tank')).toEqual({
      name: 'dataset:tank',
      parents: ['zpool:tank'],
      holders,
      waiters: [],
    });
    expect(row('dataset:tank/media')).toMatchObject({ holders, waiters: [waiter] });
    expect(row('zpool:tank')).toMatchObject({ parents: ['disk:da1', 'disk:da2'], holders: [] });
    await tasks.open(held);
    await tasks.wait(waiter);
  });
});

describe('Claims', () => {
  it('that are shared run side by side, and an exclusive one waits for both', async () => {
    const tasks = await client();
    const [one, two] = [newGate(), newGate()];
    const shared = [{ resource: 'zpool:tank', mode: 'shared' }];
    const readers = [
      await tasks.submit('gate.hold', one, shared),
      await tasks.submit('gate.hold', two, shared),
    ];
    await tasks.reached(one);
    await tasks.reached(two);
    const writer = await tasks.submit('gate.act', 'claim', 'dataset:tank/apps');
    const reasons = await waitsOf(tasks, writer);
    expect(reasons.map(({ task }) => task).sort()).toEqual(readers);
    await tasks.open(one);
    await tasks.wait(readers[0]!);
    expect((await tasks.status(writer)).state).toBe('WAITING');
    await tasks.open(two);
    expect((await tasks.wait(writer)).state).toBe('FINISHED');
  });

  it('are admitted in the order of submission, whichever verify is the quicker', async () => {
    const tasks = await client();
    const slow = newGate();
    const first = await tasks.submit('gate.slow_verify', slow, ['disk:da0']);
    const second = await tasks.submit('gate.act', 'claim', 'disk:da0');
    expect(await waitsOf(tasks, first)).toEqual([{ relation: 'verifying' }]);
    expect(await waitsOf(tasks, second)).toEqual([{ relation: 'order', task: first }]);
    await tasks.open(slow);
    await tasks.wait(second);
    const begun = tasks
      .events('task.updated')
      .filter(({ state }) => state === 'EXECUTING')
      .map(({ id }) => id);
    expect(begun).toEqual([first, second]);
  });

  it('of a task that verifies for more than a second are admitted when they come', async () => {
    const tasks = await client();
    const slow = newGate();
    const first = await tasks.submit('gate.slow_verify', slow, ['disk:da0']);
    const second = await tasks.submit('gate.act', 'claim', 'disk:da0');
    expect((await tasks.wait(second)).state).toBe('FINISHED');
    expect((await tasks.status(first)).state).toBe('CREATED');
    await tasks.open(slow);
    expect((await tasks.wait(first)).state).toBe('FINISHED');
  });

  it('on nothing wait while an earlier task may still make it, then fail naming it', async () => {
    const tasks = await client();
    const held = newGate();
    const earlier = await tasks.submit('gate.hold', held, ['system']);
    await tasks.reached(held);
    const lost = await tasks.submit('gate.act', 'claim', 'dataset:nowhere');
    expect(await waitsOf(tasks, lost)).toEqual([
      {
        relation: 'missing',
        claim: { resource: 'dataset:nowhere', mode: 'exclusive' },
        resource: 'dataset:nowhere',
      },
    ]);
    await tasks.open(held);
    expect(await tasks.wait(lost)).toMatchObject({
      state: 'FAILED',
      error: {
        code: 16,
        message: 'Resource deadlock avoided, missing resources: dataset:nowhere',
      },
    });
    expect((await tasks.wait(earlier)).state).toBe('FINISHED');
  });
});

describe('An explanation of a task that has ended', () => {
  it('says how long each stage took', async () => {
    const tasks = await client();
    const { id } = await tasks.run('gate.act', 'return', 1);
    const { waits, stages } = await tasks.client.result<{
      waits: unknown[];
      stages: Record<string, number | null>;
    }>('task.explain', id);
    expect(waits).toEqual([]);
    expect(stages['rollback_ms']).toBeNull();
    for (const stage of ['verify_ms', 'wait_ms', 'run_ms', 'total_ms']) {
      expect(stages[stage]).toBeGreaterThanOrEqual(0);
    }
  });
});
