import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { GATE_PLUGIN, TaskClient, type WireTask } from '../contract/task-plugin.js';
import { ClusterGround, clusterObstacle } from '../support/cluster-ground.js';
import { PlainClient } from '../support/plain-client.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

interface Replay {
  readonly events: readonly { readonly name: string; readonly args: Record<string, unknown> }[];
  readonly cursor: string;
  readonly gap: boolean;
}

interface NodeRow {
  readonly name: string;
  readonly state: string;
  readonly leader: boolean;
}

/** A task in a process of its own that stands until its file is there: no node's memory is asked. */
const HOLD_PLUGIN = `
import { existsSync } from 'node:fs';
import { accepts, description, Dispatcher, h, Plugin, Provider, provider, returns, Task, task } from 'dispatcher';

@description('Runs until a file is there') @task('hold.file')
@accepts(String) @returns(String)
export class HoldFile extends Task {
  verify(file) { return ['mark:held']; }
  async run(file) {
    while (!existsSync(file)) {
      if (this.signal.aborted) throw new Error('stopped');
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return file;
  }
}

@Plugin({ providers: [HoldFile] })
export default class HoldPlugin {
  constructor(private readonly dispatcher: Dispatcher) {}
  async init() { await this.dispatcher.registerResource('mark:held'); }
}
`;

describe.skipIf(clusterObstacle !== null)(
  `three front ends${clusterObstacle === null ? '' : ` (${clusterObstacle})`}`,
  () => {
    let ground: ClusterGround;
    beforeAll(async () => {
      ground = await ClusterGround.start({
        nodes: ['n1', 'n2', 'n3'],
        plugins: { gate: GATE_PLUGIN, hold: HOLD_PLUGIN },
      });
    });
    afterAll(() => ground.stop());

    it('know each other, and who leads', async () => {
      for (const node of ['n1', 'n2', 'n3']) {
        const client = await ground.client(node);
        await vi.waitUntil(async () => {
          const nodes = await client.result<NodeRow[]>('cluster.get_nodes');
          return nodes.filter(({ state }) => state === 'live').length === 3;
        }, 20_000);
        expect(await ground.leader(node)).toBe(await ground.leader('n1'));
      }
    });

    it('tell every client the same events in the same order', async () => {
      const clients = await Promise.all(['n1', 'n2', 'n3'].map((node) => ground.client(node)));
      const followers = await Promise.all(
        clients.map((client) => new TaskClient(client).subscribe('word.*')),
      );
      for (let turn = 0; turn < 30; turn += 1) {
        clients[turn % 3]!.send('events', 'event', null, { name: 'word.said', args: { turn } });
      }
      const cursors = await Promise.all(
        followers.map(async (follower) => {
          await vi.waitUntil(() => follower.events('word.said').length === 30, 10_000);
          return follower.client.received.flatMap(({ namespace, name, args }) =>
            namespace === 'events' && name === 'event' ? [JSON.stringify(order(args))] : [],
          );
        }),
      );
      expect(cursors[1]).toEqual(cursors[0]);
      expect(cursors[2]).toEqual(cursors[0]);
    });

    it('take a token at any node', async () => {
      const client = await PlainClient.connect(ground.process('n1').url);
      const reply = await client.request('rpc', 'auth', { username: 'root', password: '' });
      const [token] = reply.args as [string];
      const other = await PlainClient.connect(ground.process('n2').url);
      expect((await other.request('rpc', 'auth_token', { token })).name).toBe('response');
      await client.close();
      await other.close();
    });

    it('lose one, and nobody loses a task, an event or a login', async () => {
      const leader = (await ground.leader('n1'))!;
      const [entry, third] = ['n1', 'n2', 'n3'].filter((node) => node !== leader) as [
        string,
        string,
      ];
      const client = await PlainClient.connect(ground.process(entry).url);
      const login = await client.request('rpc', 'auth', { username: 'root', password: '' });
      const [token] = login.args as [string];
      const submitter = new TaskClient(await ground.client(third));
      const file = `${ground.folder}/release`;
      await new TaskClient(client).subscribe('task.*');
      const id = await client.result<number>('task.submit_with_env', 'hold.file', [file], {
        node: third,
      });
      await vi.waitUntil(async () => (await submitter.status(id)).state === 'EXECUTING', {
        timeout: 20_000,
      });
      const cursor = client.received.findLast(({ name }) => name === 'event')?.args as {
        cursor: string;
      };
      await ground.kill(entry);
      const next = await PlainClient.connect(ground.process(third).url);
      expect((await next.request('rpc', 'auth_token', { token })).name).toBe('response');
      const replay = await next.result<Replay>('event.replay', ['task.*'], {
        since: cursor.cursor,
        subscribe: true,
      });
      expect(replay.gap).toBe(false);
      writeFileSync(file, '');
      const ended = await next.result<WireTask>('task.wait', id);
      expect(ended).toMatchObject({ id, state: 'FINISHED', result: file });
      await next.close();
      await ground.up(entry);
    });
  },
);

function order(args: unknown): unknown {
  const { name, args: of, cursor } = args as { name: string; args: unknown; cursor: string };
  return { name, of, cursor };
}
