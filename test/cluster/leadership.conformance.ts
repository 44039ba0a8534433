import { afterEach, describe, expect, it } from 'vitest';
import type { Leadership } from '../../src/cluster/index.js';
import { Errno } from '../../src/common/index.js';
import type { DocumentStore } from '../../src/datastore/index.js';

export interface LeadershipNode {
  readonly leadership: Leadership;
  /** The store of all, as this node has it open. */
  readonly store: DocumentStore;
  /** From now on it reaches nothing, and nothing is heard of it. */
  die(): Promise<void>;
  /** It loses what carries its words, and keeps the datastore. */
  cut(): void;
  heal(): void;
}

/** Where nodes can be had of which one leads. */
export interface LeadershipGround {
  readonly name: string;
  /** How many there can be at a time. */
  readonly most: number;
  node(name: string): Promise<LeadershipNode>;
  /** What carries the words of all is away until the answer is called. */
  interrupt(): Promise<() => Promise<void>>;
  clear(): Promise<void>;
}

export const leaderOf = ({ leadership }: LeadershipNode): string | null =>
  leadership.leader?.node ?? null;

export function describeLeadership(ground: LeadershipGround): void {
  afterEach(() => ground.clear());

  describe(`leadership (${ground.name}), of one node`, () => {
    it('is had by the node that stands for it, in a term of its own', async () => {
      const { leadership, store } = await ground.node('n1');
      await leadership.campaign(store.term);
      await expect.poll(() => leadership.isCurrent()).toBe(true);
      expect(leadership.leader).toMatchObject({ node: 'n1', term: 1 });
      expect(leadership.leader?.since).toBeInstanceOf(Date);
      expect(leadership.term).toBe(1);
    });
  });

  if (ground.most >= 3) describeSeveral(ground);
}

function describeSeveral(ground: LeadershipGround): void {
  const standing = async (name: string): Promise<LeadershipNode> => {
    const node = await ground.node(name);
    await node.leadership.campaign(node.store.term);
    return node;
  };
  /** Of which the first leads. */
  const nodes = async (): Promise<[LeadershipNode, LeadershipNode, LeadershipNode]> => {
    const n1 = await standing('n1');
    await expect.poll(() => n1.leadership.isCurrent()).toBe(true);
    const others = [await standing('n2'), await standing('n3')] as const;
    for (const other of others) await expect.poll(() => leaderOf(other)).toBe('n1');
    return [n1, ...others];
  };

  describe(`leadership (${ground.name}), of several nodes`, () => {
    it('is had by one of those who stand at once, of which all hear', async () => {
      const all = await Promise.all(['n1', 'n2', 'n3'].map(standing));
      await expect.poll(() => all.map(leaderOf)).not.toContain(null);
      expect(new Set(all.map(leaderOf)).size).toBe(1);
      const leading = all.filter(({ leadership }) => leadership.isCurrent());
      expect(leading).toHaveLength(1);
      expect(leading[0]?.leadership.guard()).toEqual({ term: 1 });
      for (const { leadership } of all) {
        expect(leadership.leader).toEqual(leading[0]?.leadership.leader);
        if (leadership.isCurrent()) continue;
        expect(leadership.term).toBeNull();
        expect(() => leadership.guard()).toThrow(
          expect.objectContaining({ code: Errno.EBUSY }) as Error,
        );
      }
    });

    it('is not had by a node that does not stand', async () => {
      const idle = await ground.node('n0');
      const n1 = await standing('n1');
      await expect.poll(() => leaderOf(idle)).toBe('n1');
      await n1.leadership.resign();
      await expect.poll(() => leaderOf(idle)).toBeNull();
      expect(leaderOf(n1)).toBeNull();
    });

    it('goes over at once when it is resigned, with the next term', async () => {
      const [n1, n2, n3] = await nodes();
      const begunAt = performance.now();
      await n1.leadership.resign();
      expect(n1.leadership.isCurrent()).toBe(false);
      expect(n1.leadership.term).toBeNull();
      await expect.poll(() => leaderOf(n1), { interval: 5 }).not.toBeNull();
      const tookMs = performance.now() - begunAt;
      expect(['n2', 'n3']).toContain(leaderOf(n1));
      for (const node of [n2, n3]) await expect.poll(() => node.leadership.leader?.term).toBe(2);
      expect(tookMs).toBeLessThan(1_000); // the machine is busy with other tests
      expect(await n1.store.term.current()).toBe(2);
    });

    it('goes over after the lease when its holder is gone', async () => {
      const [n1, n2, n3] = await nodes();
      const told: (string | null)[] = [];
      n2.leadership.onChange((leader) => told.push(leader?.node ?? null));
      await n1.die();
      await expect.poll(() => n2.leadership.leader?.term).toBe(2);
      await expect.poll(() => n3.leadership.leader?.term).toBe(2);
      expect(leaderOf(n2)).toBe(leaderOf(n3));
      expect(told.filter((leader) => leader !== null)).toEqual([leaderOf(n2)]);
      expect(n1.leadership.isCurrent()).toBe(false); // it has not heard of it, but time has passed
    });

    it('stays where it is while nothing is carried between nodes, and after', async () => {
      const [n1, n2] = await nodes();
      const told: (string | null)[] = [];
      for (const { leadership } of [n1, n2]) {
        leadership.onChange((leader) => told.push(leader?.node ?? null));
      }
      const back = await ground.interrupt();
      await passes(2);
      expect(n1.leadership.isCurrent()).toBe(true);
      await back();
      await passes(2);
      expect(n1.leadership.isCurrent()).toBe(true);
      expect(n1.leadership.term).toBe(1);
      expect(leaderOf(n2)).toBe('n1');
      expect(told).toEqual([]);
    });

    it('is lost by a leader that the others do not hear, as soon as another one has a term', async () => {
      const [n1, n2] = await nodes();
      const told: (string | null)[] = [];
      n1.leadership.onChange((leader) => told.push(leader?.node ?? null));
      n1.cut();
      await expect.poll(() => n2.leadership.leader?.term).toBe(2);
      await expect.poll(() => n1.leadership.term).toBeNull();
      expect(told[0]).toBeNull();
      n1.heal();
      await expect.poll(() => leaderOf(n1)).toBe(leaderOf(n2));
      expect(n1.leadership.leader?.term).toBe(2);
    });

    it('is lost at once by a leader of whom the datastore takes no change any more', async () => {
      const [n1] = await nodes();
      const { leadership, store } = n1;
      await store.requireCollection('led', { key: 'serial' });
      const write = (id: number): Promise<void> =>
        store.write([{ kind: 'upsert', collection: 'led', id, document: { name: 'a' } }], {
          guard: leadership.guard() ?? { term: 0 },
        });
      await write(1);
      expect(await store.term.raise(1)).toBe(true);
      await expect(write(2)).rejects.toMatchObject({ code: Errno.EIO });
      expect(leadership.term).toBeNull();
      expect(leadership.isCurrent()).toBe(false);
      expect(await store.count('led')).toBe(1);
    });
  });
}

/** Waits for leases to pass: that nothing happens meanwhile is what is tested. */
const LEASE_MS = 1_000;
async function passes(leases: number): Promise<void> {
  const until = performance.now() + leases * LEASE_MS;
  await expect.poll(() => performance.now(), { interval: 50 }).toBeGreaterThan(until);
}
