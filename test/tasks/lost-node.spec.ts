import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Errno } from '../../src/common/index.js';
import { contextOf } from '../../src/sdk/task-context.js';
import { TaskCluster, until, NODE_LOST_MS } from './support/task-cluster.js';

let cluster: TaskCluster;

beforeEach(() => {
  cluster = TaskCluster.with('n1', 'n2', 'n3');
  cluster.network.lead('n1');
});
afterEach(() => cluster.dispose());

describe('When a node is lost', () => {
  const lost = { code: Errno.EINTR, message: 'node n2 was lost' };

  it('what ran there has failed, but not before it is sure to be over', async () => {
    const id = await cluster.node('n1').submitWith({ node: 'n2' }, 'gate', 'gone');
    await until(() => cluster.isAt('gone'));
    const sinceMs = performance.now();
    cluster.network.cut('n2');
    const { state, error } = await cluster.node('n1').seat.wait(id);
    expect([state, error]).toMatchObject(['FAILED', lost]);
    expect(performance.now() - sinceMs).toBeGreaterThan(NODE_LOST_MS - 50);
  });

  it('and it comes back in time, its runs go on', async () => {
    const id = await cluster.node('n1').submitWith({ node: 'n2' }, 'gate', 'back');
    await until(() => cluster.isAt('back'));
    cluster.network.cut('n2');
    cluster.open('back');
    cluster.network.mend('n2');
    expect((await cluster.node('n1').seat.wait(id)).state).toBe('FINISHED');
  });

  it('a task that asked for it runs again elsewhere, unless it ran in the server itself', async () => {
    cluster.define('again', {
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
    cluster.define('parent', {
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
    cluster.define('hold', {
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
    await cluster.node('n1').submitWith({ node: 'n2' }, 'gate', 'cut');
    await cluster.node('n1').submitWith({ node: 'n1' }, 'gate', 'own');
    await until(() => cluster.isAt('cut') && cluster.isAt('own'));
    for (const name of ['n1', 'n2']) {
      cluster.between(name).directory.silentMs = 0.8 * NODE_LOST_MS;
    }
    await until(() => cluster.node('n2').killed.length === 1);
    expect(cluster.node('n2').killed[0]).toContain('nothing of its node has reached the others');
    expect(cluster.node('n1').killed).toEqual([]);
  });
});
