import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ClusterGround, clusterObstacle } from '../support/cluster-ground.js';
import { PlainClient } from '../support/plain-client.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** What only one node has. */
const SHELF_PLUGIN = `
import { accepts, description, generator, h, Plugin, Provider, provider, requireRoles, returns, sender, signal } from 'dispatcher';

@description('Hardware of one node') @provider('shelf')
export class ShelfProvider extends Provider {
  @accepts() @returns(h.any()) who(@sender() caller) { return [caller.kind, caller.user, [...caller.roles], process.pid]; }
  @accepts() @returns(String) @requireRoles('admin') open() { return 'open'; }
  @accepts(h.integer()) @returns(h.array(h.integer())) @generator()
  async *count(to) { for (let i = 1; i <= to; i += 1) yield i; }
  waits = 0;
  @accepts() @returns(h.integer()) waiting() { return this.waits; }
  @accepts() @returns(null)
  wait(@signal() stop) { this.waits += 1; return new Promise((_, reject) => stop.addEventListener('abort', () => reject(stop.reason))); }
}

@Plugin({ providers: [ShelfProvider] })
export default class {}
`;

const ask = (client: PlainClient, node: string | undefined, method: string, ...args: unknown[]) =>
  client.request('rpc', 'call', { method, args, node });

describe.skipIf(clusterObstacle !== null)(
  `a fleet of two${clusterObstacle === null ? '' : ` (${clusterObstacle})`}`,
  () => {
    let ground: ClusterGround;
    let n1: PlainClient;
    let n2: PlainClient;

    beforeAll(async () => {
      ground = await ClusterGround.start({
        nodes: ['n1', 'n2'],
        pluginsOf: { n2: { shelf: SHELF_PLUGIN } },
      });
      [n1, n2] = [await ground.client('n1'), await ground.client('n2')];
      await vi.waitUntil(
        async () => (await n1.result<string[]>('discovery.get_services')).includes('shelf'),
        20_000,
      );
    });
    afterAll(() => ground.stop());

    it('makes a call where it is to be made', async () => {
      const pidOf = async (node?: string) =>
        ((await ask(n1, node, 'management.about')).args as { pid: number }).pid;
      expect(await pidOf('n2')).toBe(ground.process('n2').pid);
      expect(await pidOf('n1')).toBe(ground.process('n1').pid);
      expect(await pidOf()).toBe(ground.process('n1').pid);
      expect(await ask(n1, '*', 'management.ping')).toMatchObject({
        args: { n1: { result: 'pong' }, n2: { result: 'pong' } },
      });
      expect(await ask(n1, 'n7', 'management.ping')).toMatchObject({ args: { name: 'ENOENT' } });
    });

    it('offers at each node what any of them has', async () => {
      expect(await n1.result('shelf.who')).toEqual([
        'user',
        'root',
        ['admin'],
        ground.process('n2').pid,
      ]);
      expect(await n1.result('shelf.count', 3)).toEqual([1, 2, 3]);
      expect(await n1.result('discovery.get_methods', 'shelf')).toEqual(
        await n2.result('discovery.get_methods', 'shelf'),
      );
      const rows = await n1.result<{ name: string; schemas: object[] }[]>('cluster.get_services');
      const nodesOf = (wanted: string) => rows.find(({ name }) => name === wanted)?.schemas;
      expect(nodesOf('shelf')).toEqual([{ hash: expect.any(String) as string, nodes: ['n2'] }]);
      expect(nodesOf('account')).toEqual([
        { hash: expect.any(String) as string, nodes: ['n1', 'n2'] },
      ]);
    });

    it('keeps the rights of who calls, and the passwords in a call', async () => {
      const account = {
        username: 'otto',
        password: { $password: 'a long one' },
        roles: ['operator'],
      };
      expect(await ask(n1, 'n2', 'account.create', account)).toMatchObject({ name: 'response' });
      const otto = await PlainClient.connect(ground.process('n1').url);
      const login = { username: 'otto', password: 'a long one' };
      expect(await otto.request('rpc', 'auth', login)).toMatchObject({ name: 'response' });
      expect(await otto.result('shelf.who')).toEqual([
        'user',
        'otto',
        ['operator'],
        ground.process('n2').pid,
      ]);
      for (const node of [undefined, 'n2']) {
        expect(await ask(otto, node, 'shelf.open')).toMatchObject({ args: { name: 'EACCES' } });
      }
      await otto.close();
    });

    it('has one table of named locks, whose holders are clients of any node', async () => {
      const holders = [await ground.client('n1'), await ground.client('n2')];
      for (const [index, holder] of holders.entries()) {
        await holder.result('lock.init', `held${index}`);
        await holder.result('lock.acquire', `held${index}`);
      }
      for (const client of [n1, n2]) {
        expect(await client.result('lock.is_locked', 'held0')).toBe(true);
        expect(await client.result('lock.is_locked', 'held1')).toBe(true);
      }
      await Promise.all(holders.map((holder) => holder.close()));
      await vi.waitUntil(async () => !(await n1.result<boolean>('lock.is_locked', 'held0')), 5_000);
      await vi.waitUntil(async () => !(await n1.result<boolean>('lock.is_locked', 'held1')), 5_000);
    });

    it('reloads plugins node by node', async () => {
      expect(await ask(n1, '*', 'management.reload_plugins')).toMatchObject({
        args: { n1: { result: null }, n2: { result: null } },
      });
    });

    it('ends calls of a node that died, and has its services no more', async () => {
      const pending = ask(n1, undefined, 'shelf.wait');
      await vi.waitUntil(async () => (await n2.result<number>('shelf.waiting')) === 1);
      await ground.kill('n2');
      expect(await pending).toMatchObject({ name: 'error', args: { name: 'ECONNABORTED' } });
      await vi.waitUntil(
        async () => !(await n1.result<string[]>('discovery.get_services')).includes('shelf'),
        20_000,
      );
      expect(await ask(n1, 'n2', 'management.ping')).toMatchObject({
        args: { name: 'ECONNABORTED' },
      });
    });
  },
);
