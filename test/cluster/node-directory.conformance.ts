import { afterEach, describe, expect, it } from 'vitest';
import type { NodeDirectory } from '../../src/cluster/index.js';
import { Errno } from '../../src/common/index.js';

export interface DirectoryNode {
  readonly directory: NodeDirectory;
  /** Ends in good order. */
  leave(): Promise<void>;
  /** Ends so that nothing more is heard of it. */
  die(): Promise<void>;
}

/** Where nodes can be had that know of each other. */
export interface DirectoryGround {
  readonly name: string;
  /** How many there can be at a time. */
  readonly most: number;
  node(name: string): Promise<DirectoryNode>;
  /** What carries their words is away until the answer is called. */
  interrupt(): Promise<() => Promise<void>>;
  /** Ends what is left after a test. */
  clear(): Promise<void>;
}

/** What is told of others, one word after the other. */
export function follow(directory: NodeDirectory): readonly string[] {
  const told: string[] = [];
  directory.onJoin(({ name }) => told.push(`${name} joins`));
  directory.onGone(({ name }, how) => told.push(`${name} ${how}`));
  return told;
}

export const statesOf = (directory: NodeDirectory): Record<string, string> =>
  Object.fromEntries(directory.list().map(({ name, state }) => [name, state]));

export function describeNodeDirectory(ground: DirectoryGround): void {
  afterEach(() => ground.clear());

  describe(`the directory of nodes (${ground.name}), for one node`, () => {
    it('lists the node itself, joining until it says otherwise', async () => {
      const { directory } = await ground.node('n1');
      expect(directory.list()).toEqual([directory.self]);
      expect(directory.get('n1')).toBe(directory.self);
      expect(directory.get('n2')).toBeUndefined();
      expect(directory.self).toMatchObject({
        name: 'n1',
        state: 'joining',
        protocol: 1,
        running: 0,
      });
      expect(directory.self.startedAt).toBeInstanceOf(Date);
    });

    it('shows at once what is announced of it', async () => {
      const { directory } = await ground.node('n1');
      const done = directory.announce({ state: 'live', services: { 'a.b': '1f' }, running: 2 });
      expect(directory.self).toMatchObject({
        state: 'live',
        services: { 'a.b': '1f' },
        running: 2,
      });
      await done;
      expect(directory.get('n1')).toMatchObject({ state: 'live', running: 2 });
    });

    it('forgets neither a node that it does not know nor one that is there', async () => {
      const { directory } = await ground.node('n1');
      await expect(directory.forget('n9')).rejects.toMatchObject({ code: Errno.ENOENT });
      await expect(directory.forget('n1')).rejects.toMatchObject({ code: Errno.EBUSY });
    });

    it('is no island', async () => {
      const { directory } = await ground.node('n1');
      expect(directory.isIsland).toBe(false);
    });
  });

  if (ground.most >= 3) describeSeveral(ground);
}

function describeSeveral(ground: DirectoryGround): void {
  const live = async (name: string): Promise<DirectoryNode> => {
    const node = await ground.node(name);
    await node.directory.announce({ state: 'live' });
    return node;
  };

  describe(`the directory of nodes (${ground.name}), for several`, () => {
    it('tells who joins of those who are there, and them of it, with all that they have', async () => {
      const n1 = await ground.node('n1');
      const told = follow(n1.directory);
      await n1.directory.announce({
        state: 'live',
        plugins: { disks: '1.2.0' },
        addresses: ['ws://a'],
      });
      const n2 = await live('n2');
      expect(n2.directory.list().map(({ name }) => name)).toEqual(['n1', 'n2']);
      expect(n2.directory.get('n1')).toEqual(n1.directory.self);
      await expect.poll(() => told).toEqual(['n2 joins']);
      expect(n1.directory.get('n2')).toEqual(n2.directory.self);
    });

    it('tells of each change, and of nothing when nothing changes', async () => {
      const [n1, n2] = [await live('n1'), await live('n2')];
      const seen: number[] = [];
      n1.directory.onChange(({ name, running }) => {
        if (name === 'n2') seen.push(running);
      });
      for (const running of [1, 2, 3]) await n2.directory.announce({ running });
      await expect.poll(() => seen.at(-1)).toBe(3);
      expect(seen).toEqual([...new Set(seen)].sort());
    });

    it('tells of a node that leaves that it left, and lists it no longer', async () => {
      const [n1, n2] = [await live('n1'), await live('n2')];
      await expect.poll(() => n1.directory.get('n2')?.state).toBe('live');
      const told = follow(n1.directory);
      await n2.directory.announce({ state: 'draining' });
      await expect.poll(() => statesOf(n1.directory)).toEqual({ n1: 'live', n2: 'draining' });
      await n2.leave();
      await expect.poll(() => statesOf(n1.directory)).toEqual({ n1: 'live' });
      expect(told).toEqual(['n2 left']);
    });

    it('tells every other node once that one is lost, lists it so, and forgets it when asked', async () => {
      const [n1, n2, n3] = [await live('n1'), await live('n2'), await live('n3')];
      for (const { directory } of [n1, n2]) {
        await expect.poll(() => directory.get('n3')?.state).toBe('live');
      }
      const told = [follow(n1.directory), follow(n2.directory)];
      await n3.die();
      const lost = { n1: 'live', n2: 'live', n3: 'lost' };
      for (const { directory } of [n1, n2]) {
        await expect.poll(() => statesOf(directory)).toEqual(lost);
      }
      expect(told).toEqual([['n3 lost'], ['n3 lost']]);
      await n1.directory.forget('n3');
      for (const { directory } of [n1, n2]) {
        await expect.poll(() => statesOf(directory)).toEqual({ n1: 'live', n2: 'live' });
      }
      expect(told).toEqual([['n3 lost'], ['n3 lost']]);
    });

    it('lets a node of the same name join again, whether it left or was lost', async () => {
      const n1 = await live('n1');
      const told = follow(n1.directory);
      await (await live('n2')).leave();
      await (await live('n2')).die();
      const third = await live('n2');
      await expect
        .poll(() => told)
        .toEqual(['n2 joins', 'n2 left', 'n2 joins', 'n2 lost', 'n2 joins']);
      expect(n1.directory.get('n2')?.boot).toBe(third.directory.self.boot);
    });

    it('says of a node without the others that it is an island, and loses none of them', async () => {
      const nodes = [await live('n1'), await live('n2'), await live('n3')];
      const all = { n1: 'live', n2: 'live', n3: 'live' };
      for (const { directory } of nodes) await expect.poll(() => statesOf(directory)).toEqual(all);
      const told = nodes.map(({ directory }) => follow(directory));
      const islands: boolean[] = [];
      nodes[0]?.directory.onIsland((isIsland) => islands.push(isIsland));
      const back = await ground.interrupt();
      for (const { directory } of nodes) {
        await expect.poll(() => directory.isIsland).toBe(true);
        await directory.announce({ running: 7 }); // resolves all the same
      }
      await back();
      for (const { directory } of nodes) {
        await expect.poll(() => directory.isIsland).toBe(false);
        await expect.poll(() => directory.list().map(({ running }) => running)).toEqual([7, 7, 7]);
      }
      expect(islands).toEqual([true, false]);
      expect(told).toEqual([[], [], []]);
    });

    it('finds out who was lost while it was an island', async () => {
      const [n1, n2] = [await live('n1'), await live('n2')];
      await expect.poll(() => n1.directory.get('n2')?.state).toBe('live');
      const told = follow(n1.directory);
      const back = await ground.interrupt();
      await n2.die();
      await expect.poll(() => n1.directory.isIsland).toBe(true);
      expect(told).toEqual([]);
      await back();
      await expect.poll(() => told).toEqual(['n2 lost']);
    });
  });
}
