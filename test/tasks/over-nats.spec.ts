import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Errno } from '../../src/common/index.js';
import { contextOf } from '../../src/sdk/task-context.js';
import { mongodbAddress } from '../conformance/mongodb-target.js';
import { natsObstacle, NatsServer } from '../support/nats-server.js';
import { NatsTaskCluster } from './support/nats-task-cluster.js';
import { until } from './support/task-cluster.js';

const database = mongodbAddress('tasks');
const stores = [
  { store: 'a store in memory', dsn: null },
  ...(database === null ? [] : [{ store: 'MongoDB', dsn: database.dsn }]),
];

afterAll(() => database?.drop());

if (natsObstacle !== null)
  it.skip(`tasks of several nodes (NATS) (skipped: ${natsObstacle})`, () => undefined);
if (database === null)
  it.skip('tasks of several nodes over MongoDB (skipped: no MONGODB_URI)', () => undefined);

describe.skipIf(natsObstacle !== null).each(stores)('Tasks over NATS and $store', ({ dsn }) => {
  let server: NatsServer;
  let cluster: NatsTaskCluster;

  beforeAll(async () => {
    server = await NatsServer.start();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    cluster = await NatsTaskCluster.start(server, dsn);
    cluster.define('busy', {
      run: async (task, { name }, gate) => {
        const context = contextOf(task);
        context.warn({ code: Errno.EIO, message: 'begun' });
        const id = await context.startSubtask({ name: 'gate', args: [`${String(gate)}/part`] });
        await context.joinSubtask(id);
        await cluster.standAt(String(gate));
        return [name, task.environment['FENCE']];
      },
    });
  });
  afterEach(() => cluster.dispose());

  it('are submitted at any node and run at all of them', async () => {
    const ids = await Promise.all(
      [...cluster.nodes.values()].flatMap((node) => [
        node.submit('nothing'),
        node.submit('nothing'),
      ]),
    );
    const [first] = cluster.others;
    for (const id of ids) {
      expect((await cluster.node(first ?? '').seat.wait(id)).state).toBe('FINISHED');
    }
    const rows = await cluster.allRows();
    expect(rows.slice(-ids.length).map(({ id }) => id)).toEqual([...ids].sort((a, b) => a - b));
    expect(new Set(rows.slice(-ids.length).map(({ node }) => node)).size).toBeGreaterThan(1);
  });

  it('go on when the leader hands over, with what they ask for and what they come to', async () => {
    const [at = ''] = cluster.others;
    const id = await cluster.node(at).submitWith({ node: at }, 'busy', 'g');
    await until(() => cluster.isAt('g/part'));
    const end = cluster.node(at).seat.wait(id);
    await cluster.handOver();
    cluster.open('g/part');
    await until(() => cluster.isAt('g'));
    const waits = cluster.node(at).submit('nothing');
    cluster.open('g');
    expect(await end).toMatchObject({
      ...{ state: 'FINISHED', node: at },
      warnings: [{ message: 'begun' }],
    });
    const parts = (await cluster.allRows()).filter(({ parent }) => parent === id);
    expect(parts.map(({ state }) => state)).toEqual(['FINISHED']);
    expect(await waits).toBeGreaterThan(id);
  });

  it('go on when the leader is cut off, but for those that it ran', async () => {
    const former = cluster.leader ?? '';
    const [at = '', other = ''] = cluster.others;
    const lives = await cluster.node(other).submitWith({ node: at }, 'busy', 'a');
    const dies = await cluster.node(other).submitWith({ node: former }, 'gate', 'b');
    await until(() => cluster.isAt('a/part') && cluster.isAt('b'));
    cluster.place(former).gate.shut();
    const submitted = cluster.node(other).submitWith({ node: other }, 'nothing');
    cluster.open('a/part');
    await until(() => cluster.isAt('a'));
    cluster.open('a');
    expect(await cluster.node(other).seat.wait(lives)).toMatchObject({ state: 'FINISHED' });
    expect((await cluster.node(other).seat.wait(await submitted)).state).toBe('FINISHED');
    expect((await cluster.node(at).seat.wait(dies)).error).toMatchObject({
      ...{ code: Errno.EINTR, message: `node ${former} was lost` },
    });
    expect(cluster.node(former).killed).toHaveLength(1);
  });

  it('go on when all of NATS is away for a while', async () => {
    const [at = ''] = cluster.others;
    const id = await cluster.node(at).submitWith({ node: at }, 'gate', 'n');
    await until(() => cluster.isAt('n'));
    await server.kill();
    cluster.open('n');
    await server.resume();
    expect((await cluster.node(at).seat.wait(id)).state).toBe('FINISHED');
  });
});
