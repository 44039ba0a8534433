import { afterAll, beforeAll, expect, it } from 'vitest';
import { collectionOf, type CollectionState } from '../../src/client/index.js';
import { PluginServer } from '../contract/plugin-server.js';
import { FlakyProxy } from '../support/flaky-proxy.js';
import { newClient, rootClient } from './live-client.js';

const PLUGIN = `
import { accepts, description, h, Plugin, Task, task } from 'dispatcher';

@task('sample.nap') @description('Naps') @accepts(h.integer())
export class NapTask extends Task {
  verify() { return []; }
  async run(ms: number) { await new Promise((resolve) => setTimeout(resolve, ms)); }
}
@Plugin({ providers: [NapTask] })
export default class {}
`;

interface Row {
  readonly id: number;
  readonly state: string;
}

let server: PluginServer;
beforeAll(async () => {
  server = await PluginServer.start({ 'napping/index.ts': PLUGIN });
});
afterAll(() => server.stop());

it('the tasks of a server are what a query says, over a line that is cut again and again', async () => {
  const proxy = await FlakyProxy.before(server.process.url);
  const source = await rootClient(server.process.url);
  const client = newClient(proxy.url, {
    backOff: { firstMs: 2, longestMs: 20 },
    credentials: () => ({ kind: 'local', username: 'root' }),
  });
  await client.connect();
  const tasks = collectionOf<Row>(client, 'task', { pageSize: 7 });
  let told: CollectionState<Row> = tasks.state;
  const stop = tasks.on((state) => (told = state));
  for (let round = 0; round < 12; round += 1) {
    const ids = await Promise.all(
      Array.from({ length: 3 }, () => source.tasks.submit('sample.nap', [round % 4])),
    );
    if (round % 3 === 0) proxy.cutAfter(round * 37);
    await Promise.all(ids.map((id) => source.call('task.wait', [id])));
    const rows = await source.call<Row[]>('task.query', [[], { sort: 'id' }]);
    const wanted = rows.map(({ id, state }) => `${id} ${state}`);
    await expect
      .poll(
        () => told.isCurrent && [...told.rows.values()].map(({ id, state }) => `${id} ${state}`),
        { timeout: 10_000 },
      )
      .toEqual(wanted);
  }
  expect(collectionOf(client, 'task', { pageSize: 7 })).toBe(tasks);
  stop();
  client.close();
  await proxy.close();
});

it('of a service that is none says why', async () => {
  const client = await rootClient(server.process.url);
  await expect(collectionOf(client, 'nosuch').rows()).rejects.toMatchObject({ name: 'ENOENT' });
});
