import { beforeEach, describe, expect, it } from 'vitest';
import { Errno } from '../common/index.js';
import { LocalNodeCalls, LocalNodeDirectory } from './local/index.js';
import { type Leader, Leadership } from './leadership.js';
import { Membership } from './membership.js';

const TERMS = {
  current: () => Promise.resolve(0),
  raise: () => Promise.resolve(true),
  onRefused: () => () => undefined,
};

/** Leads when it stands and nobody else does. */
class Election extends Leadership {
  readonly steps: string[] = [];
  readonly term = null;
  leader: Leader | null = null;
  readonly #listeners = new Set<(leader: Leader | null) => void>();

  elect(node: string): void {
    this.leader = { node, term: (this.leader?.term ?? 0) + 1, since: new Date() };
    for (const listener of this.#listeners) listener(this.leader);
  }

  isCurrent(): boolean {
    return this.leader?.node === 'n1';
  }

  guard(): null {
    return null;
  }

  campaign(): Promise<void> {
    this.steps.push('campaign');
    if (this.leader === null) this.elect('n1');
    return Promise.resolve();
  }

  resign(): Promise<void> {
    this.steps.push('resign');
    this.leader = null;
    return Promise.resolve();
  }

  onChange(listener: (leader: Leader | null) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

let directory: LocalNodeDirectory;
let election: Election;
let membership: Membership;

beforeEach(() => {
  directory = new LocalNodeDirectory({ name: 'n1', boot: 'b', version: '1.0.0' });
  election = new Election();
  membership = new Membership(directory, election, new LocalNodeCalls('n1'));
});

describe('a membership', () => {
  it('stands for election when it is live', async () => {
    await membership.join(TERMS, ['ws://127.0.0.1:1']);
    expect(directory.self).toMatchObject({ state: 'live', addresses: ['ws://127.0.0.1:1'] });
    expect(election.steps).toEqual(['campaign']);
  });

  it('does not stand where the node may not be elected', async () => {
    await directory.announce({ isScheduler: false });
    await membership.join(TERMS, []);
    expect(election.steps).toEqual([]);
  });

  it('drains for good: the node leads no longer', async () => {
    await membership.join(TERMS, []);
    await membership.drain('n1');
    expect(directory.self.state).toBe('draining');
    expect(election.leader).toBeNull();
    expect(election.steps).toEqual(['campaign', 'resign']);
  });

  it('hands over to whoever is elected meanwhile, and stands again', async () => {
    await membership.join(TERMS, []);
    const done = membership.handOver();
    election.elect('n2');
    expect(await done).toBe('n2');
    expect(election.steps).toEqual(['campaign', 'resign', 'campaign']);
  });

  it('says so when nobody leads, and when there is no such node', async () => {
    await expect(membership.handOver()).rejects.toMatchObject({ code: Errno.EBUSY });
    await expect(membership.drain('n9')).rejects.toMatchObject({
      code: Errno.ENOENT,
      message: expect.stringContaining('n9') as string,
    });
  });
});
