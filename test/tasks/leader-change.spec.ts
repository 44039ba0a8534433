import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { contextOf } from '../../src/sdk/task-context.js';
import { TaskCluster, until } from './support/task-cluster.js';

let cluster: TaskCluster;

beforeEach(() => {
  cluster = TaskCluster.with('n1', 'n2', 'n3');
  cluster.network.lead('n1');
});
afterEach(() => cluster.dispose());

describe('When another node leads', () => {
  /** A task that holds `disk` of n2 where it runs, and one behind it. */
  async function oneBehindAnother(): Promise<{ readonly runs: number; readonly waits: number }> {
    cluster.define('hold', {
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
    const id = await cluster.node('n1').submitWith({ node: 'n1' }, 'gate', 'here');
    await until(() => cluster.isAt('here'));
    cluster.network.lead('n2');
    await until(() => cluster.node('n2').seat.live.get(id)?.stage.at === 'running');
    cluster.open('here');
    expect((await cluster.node('n1').seat.wait(id)).state).toBe('FINISHED');
  });

  it('what had ended, and could not be stored any more, is stored', async () => {
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
    cluster.define('parent', {
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
    const { calls } = cluster.between('n1');
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

  it('no node begins anything for the former one any more', async () => {
    const id = await cluster.node('n1').submitWith({ node: 'n2' }, 'gate', 'kept');
    await until(() => cluster.isAt('kept'));
    cluster.network.lead('n3');
    await until(() => cluster.node('n3').seat.live.get(id) !== undefined);
    const body = { term: 1, ask: { ask: 'forget', task: id } };
    const { signal } = new AbortController();
    const late = cluster.between('n1').calls.call('n2', { channel: 'runs', body }, signal);
    expect(await late).toEqual({ isOver: true });
    cluster.open('kept');
    expect((await cluster.node('n1').seat.wait(id)).state).toBe('FINISHED');
  });

  it('a task that was told to stop is', async () => {
    cluster.define('stubborn', {
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
    const { leadership } = cluster.between('n1');
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
