import { afterEach, describe, expect, it, vi } from 'vitest';
import { Errno, Password, RpcException } from '../../src/common/index.js';
import { contextOf } from '../../src/sdk/task-context.js';
import { NODE_LOST_MS, TaskCluster } from './support/task-cluster.js';

let cluster: TaskCluster;

afterEach(() => cluster.dispose());

/** Nodes n1, n2 and n3, of which n1 leads. */
function three(): TaskCluster {
  cluster = TaskCluster.with('n1', 'n2', 'n3');
  cluster.network.lead('n1');
  return cluster;
}

const until = (condition: () => unknown): Promise<void> =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 4_000, interval: 5 });

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
    await until(() => 'rare' in cluster.node('n3').fake.record.tasks);
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
    const { calls } = cluster.node('n1').fake;
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

describe('When another node leads', () => {
  /** A task that holds `disk` of n2 where it runs, and one behind it. */
  async function oneBehindAnother(): Promise<{ readonly runs: number; readonly waits: number }> {
    three().define('hold', {
      verify: () => ['disk'],
      run: (_, { name }, gate) => cluster.standAt(String(gate)).then(() => [name, gate]),
    });
    cluster.node('n2').access.resources.register('disk', { owner: 'test' });
    await cluster.node('n2').access.resources.told();
    const runs = await cluster.node('n1').submitWith({ node: 'n2' }, 'hold', 'first');
    await until(() => cluster.isAt('first'));
    const waits = await cluster.node('n3').submitWith({ node: 'n2' }, 'hold', 'second');
    await vi.waitFor(async () => expect((await cluster.row(waits)).state).toBe('WAITING'));
    return { runs, waits };
  }

  it('what runs goes on with its locks, and its end is stored by the one that leads then', async () => {
    const { runs, waits } = await oneBehindAnother();
    const end = cluster.node('n1').seat.wait(runs);
    cluster.network.lead('n3');
    await until(() => cluster.node('n3').seat.live.get(waits)?.stage.at === 'waiting');
    expect(cluster.node('n3').seat.scheduler.explain(waits)).toMatchObject([
      { relation: 'held', task: runs, resource: 'n2!disk' },
    ]);
    expect([...cluster.node('n1').seat.live.all()]).toEqual([]);
    expect(cluster.isAt('second')).toBe(false);
    const before = cluster.events.length;
    cluster.open('first');
    expect(await end).toMatchObject({ state: 'FINISHED', result: ['n2', 'first'], node: 'n2' });
    await until(() => cluster.isAt('second'));
    cluster.open('second');
    expect(await cluster.node('n1').seat.resultOf(waits)).toEqual(['n2', 'second']);
    const tellers = new Set(cluster.events.slice(before).map(({ node }) => node));
    expect([...tellers]).toEqual(['n3']);
  });

  it('what runs at the one that led goes on there, if that is still a node', async () => {
    three();
    const id = await cluster.node('n1').submitWith({ node: 'n1' }, 'gate', 'here');
    await until(() => cluster.isAt('here'));
    cluster.network.lead('n2');
    await until(() => cluster.node('n2').seat.live.get(id)?.stage.at === 'running');
    cluster.open('here');
    expect((await cluster.node('n1').seat.wait(id)).state).toBe('FINISHED');
  });

  it('what had ended, and could not be stored any more, is stored', async () => {
    three();
    const id = await cluster.node('n1').submitWith({ node: 'n2' }, 'gate', 'end');
    await until(() => cluster.isAt('end'));
    cluster.rows.term += 1; // the store knows before anybody else
    cluster.open('end');
    await until(() => [...cluster.node('n1').seat.live.all()].length === 0);
    expect((await cluster.row(id)).state).toBe('EXECUTING');
    cluster.network.lead('n3');
    expect((await cluster.node('n2').seat.wait(id)).state).toBe('FINISHED');
  });

  it('a part that was being asked for is there once, and is joined', async () => {
    three().define('parent', {
      run: async (task) => {
        const context = contextOf(task);
        const id = await context.startSubtask({ name: 'gate', args: ['part'] });
        await context.joinSubtask(id);
        return [
          id,
          await context.joinSubtask(await context.startSubtask({ name: 'nothing', args: [] })),
        ];
      },
    });
    const { calls } = cluster.node('n1').fake;
    const { answer } = calls;
    calls.answer = async (channel, body, caller) => {
      const answered = await answer.call(calls, channel, body, caller);
      if (JSON.stringify(body).includes('startSubtask')) cluster.network.lead('n3');
      return JSON.stringify(body).includes('startSubtask') ? { leads: false } : answered;
    };
    const id = await cluster.node('n2').submitWith({ node: 'n2' }, 'parent');
    await until(() => cluster.isAt('part') && cluster.node('n3').seat.live.get(id) !== undefined);
    cluster.open('part');
    const [part] = (await cluster.node('n2').seat.resultOf(id)) as [number];
    const rows = await cluster.allRows();
    expect(rows.filter(({ parent }) => parent === id).map((row) => row.name)).toEqual([
      ...['gate', 'nothing'],
    ]);
    expect(rows.find((row) => row.id === part)).toMatchObject({ state: 'FINISHED', parent: id });
  });

  it('a task that was told to stop is', async () => {
    three().define('stubborn', {
      run: (task) =>
        new Promise((_, reject) => {
          void cluster.standAt('stubborn').then(() => reject(new Error('let go')));
          task.signal.addEventListener('abort', () => undefined);
        }),
    });
    const id = await cluster.node('n1').submitWith({ node: 'n2' }, 'stubborn');
    await until(() => cluster.isAt('stubborn'));
    await cluster.node('n1').seat.abort(id);
    await vi.waitFor(async () => expect((await cluster.row(id)).abort_requested).toBe(true));
    cluster.network.lead('n3');
    await until(() => cluster.node('n3').seat.live.get(id) !== undefined);
    cluster.open('stubborn');
    expect((await cluster.node('n1').seat.wait(id)).state).toBe('ABORTED');
  });

  it('nothing begins that the former one had not stored, nor while it is not sure that it leads', async () => {
    three();
    const { leadership } = cluster.node('n1').fake;
    leadership.isRenewed = false;
    const id = await cluster.node('n1').submitWith({ node: 'n2' }, 'gate', 'late');
    await vi.waitFor(async () => expect((await cluster.row(id)).state).toBe('EXECUTING'));
    const { asked } = leadership;
    await until(() => leadership.asked > asked + 2);
    expect(cluster.isAt('late')).toBe(false);
    cluster.network.lead('n3');
    await until(() => cluster.isAt('late'));
    cluster.open('late');
    expect((await cluster.node('n1').seat.wait(id)).state).toBe('FINISHED');
  });

  it('what it may have stored and not told is told by the next', async () => {
    three();
    const id = await cluster.node('n1').submit('nothing');
    await cluster.node('n1').seat.wait(id);
    cluster.network.lead('n2');
    await until(() =>
      cluster.events.some(
        ({ node, name, args }) => node === 'n2' && name === 'task.updated' && args['id'] === id,
      ),
    );
  });
});

describe('When a node is lost', () => {
  const lost = { code: Errno.EINTR, message: 'node n2 was lost' };

  it('what ran there has failed, but not before it is sure to be over', async () => {
    three();
    const id = await cluster.node('n1').submitWith({ node: 'n2' }, 'gate', 'gone');
    await until(() => cluster.isAt('gone'));
    const sinceMs = performance.now();
    cluster.network.cut('n2');
    const { state, error } = await cluster.node('n1').seat.wait(id);
    expect([state, error]).toMatchObject(['FAILED', lost]);
    expect(performance.now() - sinceMs).toBeGreaterThan(NODE_LOST_MS - 50);
  });

  it('and it comes back in time, its runs go on', async () => {
    three();
    const id = await cluster.node('n1').submitWith({ node: 'n2' }, 'gate', 'back');
    await until(() => cluster.isAt('back'));
    cluster.network.cut('n2');
    cluster.open('back');
    cluster.network.mend('n2');
    expect((await cluster.node('n1').seat.wait(id)).state).toBe('FINISHED');
  });

  it('a task that asked for it runs again elsewhere, unless it ran in the server itself', async () => {
    three().define('again', {
      run: (_, { name }, gate) => (name === 'n2' ? cluster.standAt(String(gate)) : name),
      options: { onRestart: 'requeue' },
    });
    cluster.define('inline', {
      run: () => cluster.standAt('inline'),
      options: { onRestart: 'requeue', executor: 'inline' },
    });
    const busy = await cluster.node('n1').submit('gate', 'busy');
    const id = await cluster.node('n1').submit('again', 'again');
    const inline = await cluster.node('n1').submitWith({ node: 'n2' }, 'inline');
    await until(() => ['busy', 'again', 'inline'].every((gate) => cluster.isAt(gate)));
    expect([(await cluster.row(busy)).node, (await cluster.row(id)).node]).toEqual(['n1', 'n2']);
    cluster.network.cut('n2');
    expect(await cluster.node('n1').seat.wait(id)).toMatchObject({ result: 'n3', node: 'n3' });
    expect((await cluster.node('n1').seat.wait(inline)).error).toMatchObject(lost);
    const states = cluster.events
      .filter(({ name, args }) => name === 'task.updated' && args['id'] === id)
      .map(({ args }) => args['state']);
    expect(states).toEqual(['WAITING', 'EXECUTING', 'WAITING', 'EXECUTING', 'FINISHED']);
  });

  it('that led, another one leads, and decides on what ran there', async () => {
    three();
    const id = await cluster.node('n1').submitWith({ node: 'n1' }, 'gate', 'dead');
    const lives = await cluster.node('n1').submitWith({ node: 'n2' }, 'gate', 'alive');
    await until(() => cluster.isAt('dead') && cluster.isAt('alive'));
    cluster.network.cut('n1');
    cluster.network.lead('n3');
    cluster.open('alive');
    expect((await cluster.node('n2').seat.wait(lives)).state).toBe('FINISHED');
    expect((await cluster.node('n2').seat.wait(id)).error).toMatchObject({
      ...lost,
      message: 'node n1 was lost',
    });
  });

  it('its parts end with it', async () => {
    three().define('parent', {
      run: (task) => contextOf(task).startSubtask({ name: 'gate', args: ['part'] }),
    });
    cluster.define('hang', {
      run: async (task) => {
        const id = await contextOf(task).startSubtask({ name: 'child', args: [] });
        await contextOf(task).joinSubtask(id);
      },
    });
    cluster.define('child', {
      run: (task) =>
        new Promise((_, reject) => {
          void cluster.standAt('child');
          task.signal.addEventListener('abort', () => reject(new Error('stopped')));
        }),
      options: { node: 'any' },
    });
    const id = await cluster.node('n1').submitWith({ node: 'n2' }, 'hang');
    await until(() => cluster.isAt('child'));
    cluster.network.cut('n2');
    expect((await cluster.node('n1').seat.wait(id)).error).toMatchObject(lost);
    const [child] = (await cluster.allRows()).filter(({ parent }) => parent === id);
    expect(['ABORTED', 'FAILED']).toContain(child?.state);
  });

  it('what it has locked stays locked until that is decided', async () => {
    three().define('hold', {
      verify: () => ['disk'],
      run: (_, __, gate) => cluster.standAt(String(gate)),
    });
    cluster.node('n2').access.resources.register('disk', { owner: 'test' });
    await cluster.node('n2').access.resources.told();
    const id = await cluster.node('n1').submitWith({ node: 'n2' }, 'hold', 'held');
    await until(() => cluster.isAt('held'));
    cluster.network.cut('n2');
    cluster.network.lead('n3');
    await until(() => cluster.node('n3').seat.live.get(id) !== undefined);
    const rows = cluster.node('n3').seat.scheduler.listResources();
    expect(rows.find(({ name }) => name === 'n2!disk')?.holders).toMatchObject([{ task: id }]);
    await cluster.node('n1').seat.wait(id);
    expect(
      cluster
        .node('n3')
        .seat.scheduler.listResources()
        .find(({ name }) => name === 'n2!disk')?.holders ?? [],
    ).toEqual([]);
  });

  it('it ends its own executors before their tasks may begin elsewhere', async () => {
    three();
    await cluster.node('n1').submitWith({ node: 'n2' }, 'gate', 'cut');
    await cluster.node('n1').submitWith({ node: 'n1' }, 'gate', 'own');
    await until(() => cluster.isAt('cut') && cluster.isAt('own'));
    for (const name of ['n1', 'n2']) {
      cluster.node(name).fake.directory.silentMs = 0.8 * NODE_LOST_MS;
    }
    await until(() => cluster.node('n2').killed.length === 1);
    expect(cluster.node('n2').killed[0]).toContain('nothing of its node has reached the others');
    expect(cluster.node('n1').killed).toEqual([]);
  });
});
