import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AccountDirectory, RoleIndex } from '../../src/auth/index.js';
import { NatsNodeCalls, NatsNodeDirectory, NatsRowFeed } from '../../src/cluster/nats/index.js';
import { DocumentStore } from '../../src/datastore/index.js';
import { SharedLocks } from '../../src/services/cluster/shared-locks.js';
import { MemoryDriver, MemoryStore } from '../../src/testing/memory.driver.js';
import { RecordingLogger } from '../../src/testing/index.js';
import { linkTo } from '../support/nats-nodes.js';
import { natsObstacle, NatsServer } from '../support/nats-server.js';
import { NodeNetwork } from '../support/node-network.js';

const LEASE_MS = 1_500;
const TIMING = { lookMs: 50, staleMs: 300 };

describe.skipIf(natsObstacle !== null)(`two nodes (${natsObstacle ?? 'over NATS'})`, () => {
  let server: NatsServer;
  let cluster = 0;
  let rows: MemoryStore;
  /** Who leads is decided by the test. */
  let votes: NodeNetwork;
  const ends: (() => Promise<void> | void)[] = [];

  async function node(name: string) {
    const link = await linkTo(server.url, { node: name, cluster: `c${cluster}` });
    const directory = await NatsNodeDirectory.join(link, {
      ...{ leaseMs: LEASE_MS, version: '1.0.0', isScheduler: true },
      onTaken: (reason) => {
        throw new Error(reason);
      },
    });
    const calls = new NatsNodeCalls(link, directory);
    const feed = new NatsRowFeed({ directory, calls, leaseMs: LEASE_MS });
    const store = new DocumentStore(new MemoryDriver(rows));
    await store.share(feed, TIMING);
    const logger = new RecordingLogger();
    const accounts = await AccountDirectory.open({ store, roles: new RoleIndex(), logger });
    const { leadership } = votes.add(name);
    const locks = new SharedLocks({ leadership, directory, calls, logger });
    await directory.announce({ state: 'live' });
    ends.push(
      () => locks.close(),
      () => accounts.close(),
      () => feed.close(),
      () => store.close(),
      () => calls.close(),
      () => directory.close(),
      () => link.close(),
    );
    const knows = async (user: string): Promise<boolean> => {
      await store.whenCurrent();
      return accounts.find(user) !== null;
    };
    return { link, directory, store, locks, knows };
  }
  type Node = Awaited<ReturnType<typeof node>>;
  let a: Node;
  let b: Node;

  beforeAll(async () => {
    server = await NatsServer.start();
  });
  beforeEach(async () => {
    cluster += 1;
    rows = new MemoryStore();
    votes = new NodeNetwork();
    a = await node('a');
    b = await node('b');
    await expect.poll(() => a.directory.get('b')?.state).toBe('live');
    await expect.poll(() => b.directory.get('a')?.state).toBe('live');
    votes.elect('a');
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  afterAll(() => server.stop());

  it('know what either has written, while NATS is away, too, and when it is back', async () => {
    await a.store.insert('users', { username: 'ann' });
    expect(await b.knows('ann')).toBe(true);
    await server.kill();
    await expect.poll(() => a.link.isConnected || b.link.isConnected).toBe(false);
    const written = a.store.insert('users', { username: 'bob' });
    await expect.poll(() => b.knows('bob')).toBe(true);
    await server.resume();
    await written;
    await expect.poll(() => a.link.isConnected && b.link.isConnected).toBe(true);
    const id = await b.store.insert('users', { username: 'eve' });
    expect(await a.knows('eve')).toBe(true);
    await a.store.delete('users', id);
    expect(await b.knows('eve')).toBe(false);
  });

  it('hold a lock once, over an end of NATS and a change of who leads', async () => {
    const [ann, bob] = [{ label: 'ann' }, { label: 'bob' }];
    const never = new AbortController().signal;
    await b.locks.init('l');
    expect(await b.locks.acquire('l', ann, { timeoutMs: null, signal: never })).toBe(true);
    const first = await b.locks.token('l', ann);
    await server.kill();
    const waiting = a.locks.acquire('l', bob, { timeoutMs: null, signal: never });
    await server.resume();
    await expect.poll(() => a.link.isConnected && b.link.isConnected).toBe(true);
    votes.elect('b');
    await expect
      .poll(() => b.locks.list())
      .toEqual([{ name: 'l', holder: 'ann', waiters: ['bob'] }]);
    await b.locks.release('l', ann);
    expect(await waiting).toBe(true);
    expect(await a.locks.token('l', bob)).toBeGreaterThan(first);
  });
});
