import { afterEach, describe, expect, it } from 'vitest';
import { Errno, Password, RpcException } from '../../src/common/index.js';
import { contextOf } from '../../src/sdk/task-context.js';
import { TaskCluster, until } from './support/task-cluster.js';

let cluster: TaskCluster;

afterEach(() => cluster.dispose());

/** Nodes n1, n2 and n3, of which n1 leads. */
function three(): TaskCluster {
  cluster = TaskCluster.with('n1', 'n2', 'n3');
  cluster.network.lead('n1');
  return cluster;
}

describe('A task of a cluster', () => {
  it('is submitted, waited for and asked after at any node, and runs where the fewest do', async () => {
    three().define('where', { run: (task, { name }) => [name, task.environment['FENCE']] });
    const ids = [];
    for (const name of ['n1', 'n2', 'n3']) ids.push(await cluster.node(name).submit('gate', name));
    await until(() => ['n1', 'n2', 'n3'].every((gate) => cluster.isAt(gate)));
    const rows = await cluster.allRows();
    expect(rows.map(({ id, node }) => [id, node])).toEqual(
      ids.map((id, index) => [id, `n${index + 1}`]),
    );
    cluster.open('n2');
    expect((await cluster.node('n3').seat.wait(ids[1] as number)).state).toBe('FINISHED');
    const id = await cluster.node('n1').submit('where');
    expect(await cluster.node('n2').seat.resultOf(id)).toEqual(['n2', '1.4']);
    expect((await cluster.row(id)).environment).not.toHaveProperty('FENCE');
  });

  it('runs at the node that its environment names, or where it was submitted if its class wants that', async () => {
    three().define('here', { run: (_, { name }) => name, options: { node: 'submitted' } });
    const there = await cluster.node('n1').submitWith({ node: 'n3' }, 'here');
    expect(await cluster.node('n1').seat.resultOf(there)).toBe('n3');
    const here = await cluster.node('n2').submit('here');
    expect(await cluster.node('n1').seat.resultOf(here)).toBe('n2');
  });

  it('runs where its class is, which says what fits it', async () => {
    three();
    const validate = (args: unknown): { path: number[]; message: string; code: Errno }[] | null =>
      (args as unknown[])[0] === 'bad'
        ? [{ path: [0], message: 'is bad', code: Errno.EINVAL }]
        : null;
    cluster.node('n3').define('rare', {
      run: (_, { name }, what) => (what === 'odd' ? 'bad' : name),
      options: { onRestart: 'requeue' },
      validators: {
        argumentsValidator: { schemas: [], minimum: 1, maximum: 1, validate },
        resultValidator: { schema: {}, validate: (value) => validate([value]) },
      },
    });
    await until(() => 'rare' in cluster.between('n3').record.tasks);
    const id = await cluster.node('n2').submit('rare', 'good');
    expect(await cluster.node('n1').seat.resultOf(id)).toBe('n3');
    await expect(cluster.node('n2').submit('rare', 'bad')).rejects.toMatchObject({
      code: Errno.EINVAL,
      extra: [{ path: [0], message: 'is bad' }],
    });
    const odd = await cluster.node('n1').submit('rare', 'odd');
    await expect(cluster.node('n1').seat.resultOf(odd)).rejects.toThrow('does not fit its schema');
    await expect(cluster.node('n2').submit('nowhere')).rejects.toThrow('Unknown task type nowhere');
  });

  it('waits for its node, and fails when that does not come', async () => {
    three();
    const id = await cluster.node('n1').submitWith({ node: 'n9' }, 'nothing');
    const { state, error } = await cluster.node('n2').seat.wait(id);
    expect([state, error?.code]).toEqual(['FAILED', Errno.ENOENT]);
    expect(error?.message).toContain('No node n9');
  });

  it('is given its passwords, which nobody can read on the way', async () => {
    const secret = 'correct horse battery';
    three().define('secret', {
      run: (_, __, password) => {
        const given = password as Password;
        return { length: given.reveal().length, again: given };
      },
    });
    const id = await cluster.node('n2').submitWith({ node: 'n3' }, 'secret', new Password(secret));
    expect(await cluster.node('n2').seat.resultOf(id)).toMatchObject({ length: secret.length });
    expect(cluster.network.sent.length).toBeGreaterThan(3);
    expect(cluster.network.sent.filter((text) => text.includes(secret))).toEqual([]);
  });

  it('tells what it does, warns, prints and has parts, wherever it runs', async () => {
    three().define('busy', {
      run: async (task) => {
        const context = contextOf(task);
        context.report({ percentage: 40, message: 'halfway', extra: null });
        context.warn({ code: Errno.EIO, message: 'careful' });
        const id = await context.startSubtask({ name: 'part', args: [20] });
        const claims = await context.verifySubtask('part', [1]);
        return [await context.joinSubtask(id), claims];
      },
    });
    cluster.define('part', {
      verify: () => ['system'],
      run: (_, __, number) => Number(number) + 1,
    });
    const id = await cluster.node('n1').submitWith({ node: 'n2' }, 'busy');
    expect(await cluster.node('n1').seat.resultOf(id)).toEqual([21, ['system']]);
    const row = await cluster.row(id);
    expect(row.warnings).toMatchObject([{ message: 'careful' }]);
    const progress = cluster.events.filter(({ name }) => name === 'task.progress');
    expect(progress[0]?.args).toMatchObject({ id, percentage: 40, message: 'halfway' });
    const [part] = (await cluster.allRows()).filter(({ parent }) => parent === id);
    expect([part?.node, part?.result]).toEqual(['n2', 21]);
  });

  it('fails with what it threw, and rolls back where it ran', async () => {
    const undone: string[] = [];
    three().define('faulty', {
      run: () => {
        throw new RpcException(Errno.ENOSPC, 'full', { disk: 1 });
      },
      rollback: (_, { name }) => Promise.resolve(void undone.push(name)),
    });
    const id = await cluster.node('n2').submitWith({ node: 'n3' }, 'faulty');
    const { state, error } = await cluster.node('n2').seat.wait(id);
    expect([state, error?.code, error?.message, error?.extra]).toEqual([
      ...['FAILED', Errno.ENOSPC, 'full'],
      { disk: 1 },
    ]);
    expect(undone).toEqual(['n3']);
  });

  it('is stopped where it runs', async () => {
    three().define('long', {
      run: (task) =>
        new Promise((_, reject) => {
          task.signal.addEventListener('abort', () => reject(new Error('stopped')));
          void cluster.standAt('long');
        }),
    });
    const id = await cluster.node('n2').submitWith({ node: 'n3' }, 'long');
    await until(() => cluster.isAt('long'));
    expect(await cluster.node('n2').seat.abort(id)).toBe(true);
    expect((await cluster.node('n2').seat.wait(id)).state).toBe('ABORTED');
  });

  it('locks what its node has, and what all have', async () => {
    three().define('lock', {
      verify: (_, resource) => [String(resource)],
      run: (_, __, ___, gate) => cluster.standAt(String(gate)),
    });
    for (const name of ['n1', 'n2']) {
      cluster.node(name).access.resources.register('disk', { owner: 'test' });
      await cluster.node(name).access.resources.told();
    }
    const submit = (node: string, what: string, gate: string): Promise<number> =>
      cluster.node('n3').submitWith({ node }, 'lock', what, gate);
    await submit('n1', 'disk', 'a');
    await submit('n2', 'disk', 'b');
    await until(() => cluster.isAt('a') && cluster.isAt('b'));
    const waiting = await submit('n2', 'disk', 'c');
    const system = [await submit('n1', 'system', 'd'), await submit('n2', 'system', 'e')];
    await until(() => cluster.isAt('d'));
    expect(cluster.node('n1').seat.scheduler.explain(waiting)).toMatchObject([
      { relation: 'held', resource: 'n2!disk' },
    ]);
    expect(cluster.node('n1').seat.scheduler.explain(system[1] as number)).toHaveLength(1);
    for (const gate of ['a', 'b', 'd']) cluster.open(gate);
    await until(() => cluster.isAt('c') && cluster.isAt('e'));
  });
});

describe('A submit', () => {
  it('waits while nobody leads', async () => {
    cluster = TaskCluster.with('n1', 'n2');
    const id = cluster.node('n2').submit('nothing');
    await new Promise(setImmediate);
    cluster.network.lead('n1');
    expect(await cluster.node('n1').seat.wait(await id)).toMatchObject({ state: 'FINISHED' });
  });

  it('whose answer is lost is made once more at the next leader, and there is one task', async () => {
    three();
    const { calls } = cluster.between('n1');
    const { answer } = calls;
    calls.answer = async (...given) => {
      await answer.apply(calls, given);
      cluster.network.cut('n1');
      cluster.network.lead('n2');
      throw new RpcException(Errno.ECONNABORTED, 'gone');
    };
    const id = await cluster.node('n3').submitWith({ node: 'n3' }, 'nothing');
    expect((await cluster.node('n3').seat.wait(id)).state).toBe('FINISHED');
    expect((await cluster.allRows()).map((row) => row.id)).toEqual([id]);
  });
});

describe('What all nodes lock together', () => {
  it('is one for all, stays as long as one has it, and survives a reload and a change of the leader', async () => {
    three().define('lock', {
      verify: () => ['queue'],
      run: (_, __, gate) => cluster.standAt(String(gate)),
    });
    const names = ['n1', 'n2'] as const;
    const register = async (name: string): Promise<void> => {
      const { resources } = cluster.node(name).access;
      resources.register('queue', { owner: 'test', scope: 'all' });
      await resources.told();
    };
    for (const name of names) await register(name);
    await cluster.node('n3').submitWith({ node: 'n1' }, 'lock', 'a');
    await until(() => cluster.isAt('a'));
    const waits = await cluster.node('n3').submitWith({ node: 'n2' }, 'lock', 'b');
    await until(() => cluster.node('n1').seat.live.get(waits)?.stage.at === 'waiting');

    const { resources } = cluster.node('n1').access;
    resources.beginReload('test');
    resources.releaseOwner('test');
    resources.register('queue', { owner: 'test', scope: 'all' });
    resources.endReload('test');
    resources.remove('queue');
    await resources.told();
    const row = (): unknown =>
      cluster
        .node('n2')
        .seat.scheduler.listResources()
        .find(({ name }) => name === 'queue');
    cluster.network.lead('n2');
    await until(() => row() !== undefined);
    expect(row()).toMatchObject({ parents: ['root'], waiters: [waits] });
    expect(cluster.isAt('b')).toBe(false);
    cluster.open('a');
    await until(() => cluster.isAt('b'));
    cluster.node('n2').access.resources.remove('queue');
    await cluster.node('n2').access.resources.told();
    cluster.open('b');
    await cluster.node('n3').seat.wait(waits);
    expect(row()).toBeUndefined();
  });
});
