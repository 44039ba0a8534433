import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TaskClient, type WireTask } from '../contract/task-plugin.js';
import { ClusterGround, clusterObstacle } from '../support/cluster-ground.js';
import { PlainClient } from '../support/plain-client.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

type NodeTask = WireTask & { readonly node: string };

const NODES = ['n1', 'n2', 'n3'] as const;

/** Tasks in processes of their own that stand until a file is there, and note in another one that they began. */
const plugin = `
import { appendFileSync, existsSync } from 'node:fs';
import { accepts, description, h, Plugin, Task, task } from 'dispatcher';

class Held extends Task {
  verify() { return []; }
  async run(file) {
    appendFileSync(file + '.begun', this.environment.FENCE + ' ' + process.ppid + '\\n');
    while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 25));
    return this.environment.FENCE;
  }
}
@description('Runs until a file is there') @task('held.once') @accepts(String)
export class Once extends Held {}
@description('And again when its node is lost') @task('held.again', { onRestart: 'requeue' }) @accepts(String)
export class Again extends Held {}

@Plugin({ providers: [Once, Again] })
export default class HeldPlugin {}
`;

describe.skipIf(clusterObstacle !== null)(
  `tasks of three servers${clusterObstacle === null ? '' : ` (${clusterObstacle})`}`,
  () => {
    let ground: ClusterGround;
    beforeAll(async () => {
      ground = await ClusterGround.start({ nodes: [...NODES], plugins: { held: plugin } });
    });
    afterAll(() => ground.stop());

    const begun = (file: string): readonly string[] =>
      existsSync(`${file}.begun`) ? readFileSync(`${file}.begun`, 'utf8').trim().split('\n') : [];

    async function submit(
      client: PlainClient,
      name: string,
      file: string,
      node: string,
    ): Promise<number> {
      const id = await client.result<number>('task.submit_with_env', name, [file], { node });
      await vi.waitUntil(() => begun(file).length === 1, 30_000);
      return id;
    }

    it('go on when the leader dies, but for its own, which fail or begin again elsewhere', async () => {
      const leader = (await ground.leader('n1')) ?? '';
      const [at = '', entry = ''] = NODES.filter((node) => node !== leader);
      const client = await ground.client(entry);
      const file = (name: string): string => `${ground.folder}/${name}`;
      const lives = await submit(client, 'held.once', file('lives'), at);
      const dies = await submit(client, 'held.once', file('dies'), leader);
      // with one task at each node, one of three more goes to each
      await submit(client, 'held.once', file('fills'), entry);
      const names = ['again-1', 'again-2', 'again-3'];
      const all = [];
      for (const name of names) {
        all.push(await client.result<number>('task.submit', 'held.again', [file(name)]));
      }
      await vi.waitUntil(() => names.every((name) => begun(file(name)).length === 1), 30_000);
      const rows = await Promise.all(all.map((id) => client.result<NodeTask>('task.status', id)));
      const index = rows.findIndex(({ node }) => node === leader);
      const [again = 0, repeated = ''] = [all[index], names[index]];
      await ground.kill(leader);
      const submitted = await client.result<number>('task.submit', 'held.once', [file('new')]);
      writeFileSync(file('lives'), '');
      for (const name of [...names, 'fills']) writeFileSync(file(name), '');
      writeFileSync(file('new'), '');
      expect(await client.result<WireTask>('task.wait', lives)).toMatchObject({
        ...{ state: 'FINISHED', node: at, result: begun(file('lives'))[0]?.split(' ')[0] },
      });
      expect(await client.result('task.wait', submitted)).toMatchObject({ state: 'FINISHED' });
      expect(await client.result('task.wait', dies)).toMatchObject({
        error: { code: 4, message: `node ${leader} was lost` },
      });
      expect(await client.result<WireTask>('task.wait', again)).toMatchObject({
        state: 'FINISHED',
      });
      expect(begun(file('lives'))).toHaveLength(1);
      expect(begun(file(repeated))).toHaveLength(2);
      const [first = '', second = ''] = begun(file(repeated)).map((line) => line.split(' ')[0]);
      expect(Number.parseFloat(second)).toBeGreaterThan(Number.parseFloat(first));
      await ground.up(leader);
    });

    it('go on when the leader is told to end, and are submitted meanwhile', async () => {
      const leader = (await ground.leader('n1')) ?? '';
      const [at = '', entry = ''] = NODES.filter((node) => node !== leader);
      const client = new TaskClient(await ground.client(entry));
      const file = `${ground.folder}/handed-over`;
      const id = await submit(client.client, 'held.once', file, at);
      const ended = ground.process(leader).stop('SIGTERM');
      const submitted = client.submit('held.once', file);
      writeFileSync(file, '');
      expect(await client.wait(id)).toMatchObject({ state: 'FINISHED', node: at });
      expect(await client.wait(await submitted)).toMatchObject({ state: 'FINISHED' });
      await ended;
    });
  },
);
