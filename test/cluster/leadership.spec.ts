import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LocalLeadership } from '../../src/cluster/local/index.js';
import { NatsLeadership, type NatsLink } from '../../src/cluster/nats/index.js';
import { mongodbDriver } from '../../src/datastore/drivers/mongodb/index.js';
import { DocumentStore } from '../../src/datastore/index.js';
import { MemoryDriver, MemoryStore } from '../../src/testing/memory.driver.js';
import { mongodbAddress, type TestDatabase } from '../conformance/mongodb-target.js';
import { linkTo } from '../support/nats-nodes.js';
import { natsObstacle, NatsServer } from '../support/nats-server.js';
import { TcpGate } from '../support/tcp-gate.js';
import {
  describeLeadership,
  leaderOf,
  type LeadershipGround,
  type LeadershipNode,
} from './leadership.conformance.js';

const LEASE_MS = 1_000;
const PROGRAM = fileURLToPath(new URL('leading.process.ts', import.meta.url));

const memory = (rows: MemoryStore): DocumentStore => new DocumentStore(new MemoryDriver(rows));

describeLeadership({
  name: 'local',
  most: 1,
  node: (name) =>
    Promise.resolve({
      leadership: new LocalLeadership(name),
      store: memory(new MemoryStore()),
      die: () => Promise.resolve(),
      cut: () => undefined,
      heal: () => undefined,
    }),
  interrupt: () => Promise.reject(new Error('There are no others')),
  clear: () => Promise.resolve(),
});

interface NatsNode extends LeadershipNode {
  readonly leadership: NatsLeadership;
  readonly link: NatsLink;
}

/** Stores of one test: all that it opens are the same. */
interface Stores {
  readonly name: string;
  open(): Promise<DocumentStore>;
  renew(): Promise<void>;
}

class MemoryStores implements Stores {
  readonly name = 'a store in memory';
  #rows = new MemoryStore();

  open(): Promise<DocumentStore> {
    return Promise.resolve(memory(this.#rows));
  }

  renew(): Promise<void> {
    this.#rows = new MemoryStore();
    return Promise.resolve();
  }
}

class MongodbStores implements Stores {
  readonly name = 'MongoDB';
  #database: TestDatabase | null = null;

  async open(): Promise<DocumentStore> {
    this.#database ??= mongodbAddress('leadership');
    const events = { onStateChange: () => undefined };
    return new DocumentStore(await mongodbDriver()(this.#database?.dsn ?? '', events));
  }

  async renew(): Promise<void> {
    await this.#database?.drop();
    this.#database = null;
  }
}

/** Each test has a cluster of its own on the server of all. */
class NatsGround implements LeadershipGround {
  readonly most = 3;
  readonly #ends: (() => Promise<void>)[] = [];
  #cluster = 0;
  #server: NatsServer | null = null;

  constructor(private readonly stores: Stores) {}

  get name(): string {
    return `NATS and ${this.stores.name}`;
  }

  get server(): NatsServer {
    if (this.#server === null) throw new Error('The server is not started');
    return this.#server;
  }

  get cluster(): string {
    return `c${this.#cluster}`;
  }

  async start(): Promise<void> {
    this.#server = await NatsServer.start();
  }

  async node(name: string): Promise<NatsNode> {
    const gate = await TcpGate.before(this.server.port);
    const url = `nats://127.0.0.1:${gate.port}`;
    const link = await linkTo(url, { node: name, cluster: this.cluster });
    const leadership = NatsLeadership.open(link, { leaseMs: LEASE_MS });
    const store = await this.stores.open();
    this.#ends.push(
      () => gate.close(),
      () => link.close(),
      () => store.close(),
      () => leadership.close(),
    );
    return {
      ...{ leadership, link, store },
      die: () => {
        vi.spyOn(store.term, 'current').mockRejectedValue(new Error('dead'));
        gate.shut();
        return Promise.resolve();
      },
      cut: () => gate.shut(),
      heal: () => gate.open(),
    };
  }

  async interrupt(): Promise<() => Promise<void>> {
    await this.server.kill();
    return () => this.server.resume();
  }

  onClear(end: () => Promise<void>): void {
    this.#ends.push(end);
  }

  async clear(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
    await this.stores.renew();
    this.#cluster += 1;
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }
}

if (natsObstacle !== null) {
  it.skip(`leadership (NATS) (skipped: ${natsObstacle})`, () => undefined);
} else {
  describeOver(new MemoryStores());
  if (mongodbAddress('leadership') !== null) describeOver(new MongodbStores());
  else it.skip('leadership (NATS and MongoDB) (skipped: needs MONGODB_URI)', () => undefined);
  describe('leadership over NATS', describeNats);
}

function describeOver(stores: Stores): void {
  describe(`with ${stores.name}`, () => {
    const ground = new NatsGround(stores);
    beforeAll(() => ground.start());
    afterAll(() => ground.stop());
    describeLeadership(ground);
  });
}

function describeNats(): void {
  const ground = new NatsGround(new MemoryStores());
  beforeAll(() => ground.start());
  afterAll(() => ground.stop());
  afterEach(() => ground.clear());

  const leads = async (node: LeadershipNode): Promise<void> => {
    await node.leadership.campaign(node.store.term);
    await expect.poll(() => node.leadership.isCurrent()).toBe(true);
  };

  it('stays with the leader, in its term, when all that NATS had is gone', async () => {
    const [n1, n2] = [await ground.node('n1'), await ground.node('n2')];
    await leads(n1);
    await n2.leadership.campaign(n2.store.term);
    await ground.server.kill();
    rmSync(ground.server.storeFolder, { recursive: true });
    await ground.server.resume();
    await expect.poll(() => n2.link.isConnected).toBe(true);
    const n3 = await ground.node('n3');
    await expect.poll(() => leaderOf(n3)).toBe('n1');
    expect(n1.leadership.term).toBe(1);
    expect(n1.leadership.isCurrent()).toBe(true);
  });

  it('takes nobody for the leader who led long ago, when NATS comes back as it was then', async () => {
    const [n1, n2] = [await ground.node('n1'), await ground.node('n2')];
    await leads(n1);
    await n2.leadership.campaign(n2.store.term);
    await n1.leadership.resign();
    await expect.poll(() => n2.leadership.term).toBe(2);
    const before = JSON.stringify({ node: 'n1', boot: 'old', term: 1, since: '', beat: 9 });
    const bucket = await n2.link.kv.open(n2.link.named('leases'));
    await bucket.put('leader', before);
    const n3 = await ground.node('n3');
    await expect.poll(() => leaderOf(n3)).toBe('n2');
    expect(n2.leadership.term).toBe(2);
  });

  it('is tried for again and again by a node that cannot raise the term, and had by another', async () => {
    const [n1, n2] = [await ground.node('n1'), await ground.node('n2')];
    vi.spyOn(n1.store.term, 'raise').mockRejectedValue(new Error('The store is away'));
    await n1.leadership.campaign(n1.store.term);
    await n2.leadership.campaign(n2.store.term);
    await expect.poll(() => leaderOf(n1)).toBe('n2');
    expect(n2.leadership.isCurrent()).toBe(true);
  });

  it('comes back at once to a node that was started again', async () => {
    const first = await ground.node('n1');
    await leads(first);
    await first.die();
    const begunAt = performance.now();
    const second = await ground.node('n1');
    await leads(second);
    expect(performance.now() - begunAt).toBeLessThan(LEASE_MS);
    expect(second.leadership.term).toBe(2);
  });

  it('is in doubt while neither NATS nor the datastore answers, and goes on when one does', async () => {
    const n1 = await ground.node('n1');
    await leads(n1);
    const away = vi.spyOn(n1.store.term, 'current').mockRejectedValue(new Error('away'));
    n1.cut();
    await expect.poll(() => n1.leadership.isCurrent()).toBe(false);
    expect(n1.leadership.leaseAgeMs).toBeGreaterThanOrEqual(LEASE_MS);
    away.mockRestore();
    await expect.poll(() => n1.leadership.isCurrent()).toBe(true);
    expect(n1.leadership.term).toBe(1);
  });

  it('is no more had by a process that was stopped, from its first step after that on', async () => {
    const node = await ground.node('n1');
    const { term } = node.store;
    const { url } = ground.server;
    const child = fork(PROGRAM, [url, ground.cluster, `${LEASE_MS}`]);
    ground.onClear(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
    const told: unknown[] = [];
    child.on('message', (message: { ask?: number; what?: string; from?: number }) => {
      const { ask, what, from = 0 } = message;
      if (ask === undefined) told.push(message);
      else
        void (what === 'raise' ? term.raise(from) : term.current()).then((answer) =>
          child.send({ ask, answer }),
        );
    });
    await expect.poll(() => told).toEqual([{ leader: 'stopped' }]);
    child.kill('SIGSTOP');
    await leads(node);
    expect(node.leadership.term).toBe(2);
    told.length = 0;
    child.kill('SIGCONT');
    await expect.poll(() => told).toContainEqual({ leader: 'n1' });
    expect(told.filter((message) => Object.hasOwn(message as object, 'wokeAs'))).toEqual([
      { wokeAs: false },
    ]);
  });
}
