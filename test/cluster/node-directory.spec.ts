import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { Kvm } from '@nats-io/kv';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LocalNodeDirectory } from '../../src/cluster/local/index.js';
import {
  type NatsLink,
  NatsNodeDirectory,
  type NatsNodeDirectoryOptions,
} from '../../src/cluster/nats/index.js';
import { Errno } from '../../src/common/index.js';
import { processIdentity } from '../../src/system/index.js';
import { linkTo } from '../support/nats-nodes.js';
import { natsObstacle, NatsServer } from '../support/nats-server.js';
import {
  describeNodeDirectory,
  type DirectoryGround,
  type DirectoryNode,
  follow,
  statesOf,
} from './node-directory.conformance.js';

const LEASE_MS = 1_000;

describeNodeDirectory({
  name: 'local',
  most: 1,
  node: (name) => {
    const directory = new LocalNodeDirectory({ name, boot: 'b', version: '1.0.0' });
    const end = (): Promise<void> => Promise.resolve();
    return Promise.resolve({ directory, leave: end, die: end });
  },
  interrupt: () => Promise.reject(new Error('There are no others')),
  clear: () => Promise.resolve(),
});

interface NatsNode extends DirectoryNode {
  readonly directory: NatsNodeDirectory;
  readonly link: NatsLink;
}

/** Each test has a cluster of its own on the server of all. */
class NatsGround implements DirectoryGround {
  readonly name = 'NATS';
  readonly most = 3;
  readonly #ends: (() => Promise<void>)[] = [];
  #cluster = 0;
  #server: NatsServer | null = null;

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

  async node(name: string, options: Partial<NatsNodeDirectoryOptions> = {}): Promise<NatsNode> {
    const link = await linkTo(this.server.url, { node: name, cluster: this.cluster });
    this.#ends.push(() => link.close());
    const directory = await NatsNodeDirectory.join(link, {
      leaseMs: LEASE_MS,
      version: '1.0.0',
      isScheduler: true,
      onTaken: () => undefined,
      ...options,
    });
    this.#ends.push(() => directory.close());
    const leave = (): Promise<void> => directory.close();
    return { directory, link, leave, die: () => link.close() };
  }

  async interrupt(): Promise<() => Promise<void>> {
    await this.server.kill();
    return () => this.server.resume();
  }

  async clear(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
    this.#cluster += 1;
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }
}

if (natsObstacle === null) describeOverNats();
else it.skip(`the directory of nodes (NATS) (skipped: ${natsObstacle})`, () => undefined);

function describeOverNats(): void {
  const ground = new NatsGround();
  beforeAll(() => ground.start());
  afterAll(() => ground.stop());
  describeNodeDirectory(ground);

  /** What another process left behind under a name. */
  const leave = async (
    name: string,
    presence: Readonly<Record<string, unknown>>,
  ): Promise<void> => {
    const link = await linkTo(ground.server.url, { node: 'by-hand', cluster: ground.cluster });
    const bucket = await new Kvm(link.connection).create(link.named('nodes'), { ttl: LEASE_MS });
    await bucket.put(name, JSON.stringify(presence));
    await link.close();
  };
  const presenceOf = (
    name: string,
    pid: number,
    protocol = 1,
  ): Readonly<Record<string, unknown>> => ({
    record: {
      ...{ name, boot: 'before', version: '1.0.0', protocol, state: 'live' },
      startedAt: new Date().toISOString(),
    },
    ...{ beat: 7, host: 'here', pid, process: processIdentity(pid) },
  });

  describe('a name', () => {
    afterEach(() => ground.clear());

    it('is refused to a second node while the first lives, and whose it is is said', async () => {
      const { directory } = await ground.node('n1');
      const since = directory.self.startedAt.toISOString();
      await expect(ground.node('n1')).rejects.toMatchObject({
        code: Errno.EBUSY,
        message: expect.stringMatching(
          new RegExp(`has a node n1, process ${process.pid} on \\S+ since ${since}.*another name`),
        ) as string,
      });
    });

    it('is free at once when the process that had it is gone from this machine', async () => {
      const child = spawn('sleep', ['60']);
      const presence = presenceOf('n1', child.pid ?? 0);
      child.kill('SIGKILL');
      await once(child, 'exit');
      await ground.node('n0'); // makes the bucket
      await leave('n1', presence);
      const begunAt = performance.now();
      await ground.node('n1');
      expect(performance.now() - begunAt).toBeLessThan(LEASE_MS / 2);
    });

    it('is free after the lease when nothing is known of the process that had it', async () => {
      await ground.node('n0');
      await leave('n1', presenceOf('n1', process.pid));
      const begunAt = performance.now();
      await ground.node('n1');
      expect(performance.now() - begunAt).toBeGreaterThanOrEqual(LEASE_MS);
    });

    it('is lost by a node that was silent too long, when another one has it: it is told', async () => {
      const taken: string[] = [];
      const first = await ground.node('n1', { onTaken: (reason) => taken.push(reason) });
      const stopped = vi.spyOn(first.link, 'isConnected', 'get').mockReturnValue(false);
      const second = await ground.node('n1');
      stopped.mockRestore();
      await expect.poll(() => taken.length).toBeGreaterThan(0);
      expect(taken[0]).toMatch(/^Node n1 of cluster c\d+ is process \d+ on /u);
      await first.leave(); // takes nothing of the second one with it
      const n2 = await ground.node('n2');
      expect(n2.directory.get('n1')?.boot).toBe(second.directory.self.boot);
    });
  });

  describe('nodes of several versions', () => {
    afterEach(() => ground.clear());

    it('serve together when what they speak differs by one', async () => {
      await ground.node('n1', { protocol: 1 });
      const n2 = await ground.node('n2', { protocol: 2 });
      expect(n2.directory.list().map(({ protocol }) => protocol)).toEqual([1, 2]);
    });

    it('do not when it differs by more, which the one that joins is told', async () => {
      const n1 = await ground.node('n1', { protocol: 1 });
      const told = follow(n1.directory);
      await expect(ground.node('n3', { protocol: 3, version: '3.0.0' })).rejects.toMatchObject({
        code: Errno.EBUSY,
        message: expect.stringMatching(/Node n1 .*1\.0\.0 \(protocol 1\).*3\.0\.0/u) as string,
      });
      expect(told).toEqual([]);
      expect(statesOf(n1.directory)).toEqual({ n1: 'joining' });
    });
  });

  describe('the directory of nodes over NATS', () => {
    afterEach(() => ground.clear());

    it('goes by no clock that somebody can set', async () => {
      const n1 = await ground.node('n1');
      await n1.directory.announce({ state: 'live' });
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5 * 3_600_000 });
      try {
        const n2 = await ground.node('n2');
        const told = follow(n1.directory);
        await n2.directory.announce({ state: 'live' });
        vi.setSystemTime(Date.now() - 12 * 3_600_000);
        const n3 = await ground.node('n3');
        await n3.directory.announce({ state: 'live' });
        const { signal } = new AbortController();
        await once(signal, 'abort', { signal: AbortSignal.timeout(2 * LEASE_MS) }).catch(
          () => 'over',
        );
        expect(told).toEqual(['n2 joins', 'n3 joins']);
        for (const { directory } of [n1, n2, n3]) {
          expect(statesOf(directory)).toEqual({ n1: 'live', n2: 'live', n3: 'live' });
        }
      } finally {
        vi.useRealTimers();
      }
    });

    it('is whole again after all that NATS had is gone', async () => {
      const [n1, n2] = [await ground.node('n1'), await ground.node('n2')];
      const told = follow(n1.directory);
      await ground.server.kill();
      rmSync(ground.server.storeFolder, { recursive: true });
      await ground.server.resume();
      await n2.directory.announce({ state: 'live' });
      await expect.poll(() => told).toEqual(['n2 joins']);
      const n3 = await ground.node('n3');
      const all = { n1: 'joining', n2: 'live', n3: 'joining' };
      for (const { directory } of [n1, n2, n3]) {
        await expect.poll(() => statesOf(directory)).toEqual(all);
      }
    });

    it('hears again when what it heard by is gone', async () => {
      const [n1, n2] = [await ground.node('n1'), await ground.node('n2')];
      const { manager } = n1.link;
      const stream = `KV_${n1.link.named('nodes')}`;
      for await (const { name } of manager.consumers.list(stream)) {
        await manager.consumers.delete(stream, name);
      }
      await n2.directory.announce({ state: 'live' });
      await expect.poll(() => statesOf(n1.directory)).toEqual({ n1: 'joining', n2: 'live' });
      expect(n1.directory.isIsland).toBe(false);
    });

    it('reads nothing from what is no presence of a node', async () => {
      await ground.node('n1');
      await leave('n8', { record: { name: 'n8' } });
      await leave('n9', {});
      const n2 = await ground.node('n2');
      expect(n2.directory.list().map(({ name }) => name)).toEqual(['n1', 'n2']);
    });
  });
}
