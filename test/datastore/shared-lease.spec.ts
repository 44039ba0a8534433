import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Errno } from '../../src/common/index.js';
import { mongodbLease } from '../../src/datastore/drivers/mongodb/index.js';
import { sqliteLease } from '../../src/datastore/drivers/sqlite/index.js';
import { StoreInUseException, type StoreLease } from '../../src/datastore/index.js';
import { mongodbAddress, type TestDatabase } from '../conformance/mongodb-target.js';

const TIMES = { beatMs: 100, silenceMs: 1_500, pollMs: 20 };

const requestOf = (pid: number, lost: string[] = []) => ({
  holder: { pid, host: 'here', since: '2026-01-01T00:00:00.000Z', addresses: [] },
  onLost: (reason: string) => lost.push(reason),
});

describe('the lease of a store that is a file', () => {
  it('is given to no node of a cluster, for others could not share it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dispatcher-lease-'));
    const take = sqliteLease()(join(folder, 'store.db'), {
      ...requestOf(process.pid),
      cluster: { name: 'prod', node: 'n1' },
    });
    await expect(take).rejects.toMatchObject({
      code: Errno.EOPNOTSUPP,
      message: expect.stringMatching(/store\.db is a file.*MongoDB/u) as string,
    });
    rmSync(folder, { recursive: true });
  });
});

describe.skipIf(mongodbAddress('lease') === null)(
  'the lease that the nodes of a cluster share (needs MONGODB_URI)',
  () => {
    let database: TestDatabase;
    let held: StoreLease[] = [];
    const lost: string[] = [];

    const take = async (
      cluster: { readonly name: string; readonly node: string } | null,
      pid = process.pid,
    ): Promise<StoreLease> => {
      const lease = await mongodbLease(TIMES)(database.dsn, { ...requestOf(pid, lost), cluster });
      held.push(lease);
      return lease;
    };
    const node = (name: string, cluster = 'prod', pid = process.pid): Promise<StoreLease> =>
      take({ name: cluster, node: name }, pid);
    const onRow = async <T>(work: (rows: mongoose.mongo.Collection) => Promise<T>): Promise<T> => {
      const connection = await mongoose.createConnection(database.dsn).asPromise();
      try {
        return await work(connection.collection('_lease'));
      } finally {
        await connection.close();
      }
    };

    beforeEach(() => {
      database = mongodbAddress('lease')!;
      lost.length = 0;
      held = [];
    });
    afterEach(async () => {
      for (const lease of held) await lease.release();
      await database.drop();
    });

    it('is had by each of them at once', async () => {
      const begunAt = performance.now();
      for (const name of ['n1', 'n2', 'n3']) await node(name);
      expect(performance.now() - begunAt).toBeLessThan(TIMES.silenceMs);
      await held[1]?.announce(['ws://n2:5000']);
      await expect.poll(() => onRow((rows) => rows.findOne({}))).toMatchObject({ released: false });
      expect(lost).toEqual([]);
    });

    it('is refused to a server that is alone, which is told of the cluster and its nodes', async () => {
      await node('n1');
      const n2 = await node('n2');
      await n2.announce(['ws://n2:5000']);
      const refusal = await take(null).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(StoreInUseException);
      expect((refusal as Error).message).toMatch(
        /in use by cluster prod \(n1: process \d+ on here since \S+; n2: process .* at ws:\/\/n2:5000\): .*dispatcher\.cluster\.name/u,
      );
      await held[0]?.release(); // one is enough
      await expect(take(null)).rejects.toThrow(/cluster prod \(n2: /u);
    });

    it('is refused to a node of another cluster', async () => {
      await node('n1');
      await expect(node('n1', 'test')).rejects.toThrow(/in use by cluster prod \(n1: /u);
    });

    it('is not to be had where a server that is alone has the store', async () => {
      const alone = await take(null);
      await expect(node('n1')).rejects.toThrow(/in use by process \d+ .*one server to a store/u);
      await alone.release();
      await node('n1');
    });

    it('is vacant as soon as the last of them has given it back', async () => {
      const [n1, n2] = [await node('n1'), await node('n2')];
      await n1.release();
      await n2.release();
      const begunAt = performance.now();
      await take(null);
      expect(performance.now() - begunAt).toBeLessThan(TIMES.silenceMs);
    });

    it('is vacant at once when the processes of all of them are gone from this machine', async () => {
      const child = spawn('sleep', ['60']);
      const gone = await node('n1', 'prod', child.pid);
      await gone.announce([]);
      const seen = await onRow((rows) => rows.findOne({}));
      await gone.release();
      await onRow((rows) => rows.replaceOne({}, seen as never)); // as a killed one leaves it
      child.kill('SIGKILL');
      await once(child, 'exit');
      const begunAt = performance.now();
      await take(null);
      expect(performance.now() - begunAt).toBeLessThan(TIMES.silenceMs);
    });

    it('is vacant after a while when nothing is heard of any of them', async () => {
      const n1 = await node('n1');
      const seen = await onRow((rows) => rows.findOne({}));
      await n1.release();
      await onRow((rows) => rows.replaceOne({}, seen as never));
      const begunAt = performance.now();
      await take(null);
      expect(performance.now() - begunAt).toBeGreaterThanOrEqual(TIMES.silenceMs);
    });

    it('is kept by nodes whose row somebody has removed', async () => {
      const nodes = [await node('n1'), await node('n2')];
      await onRow((rows) => rows.deleteMany({}));
      for (const lease of nodes) await lease.announce([]);
      await expect
        .poll(() =>
          onRow((rows) => rows.findOne({}).then((row) => Object.keys(row?.['nodes'] as object))),
        )
        .toHaveLength(2);
      expect(lost).toEqual([]);
    });

    it('is lost by nodes that were silent, when somebody else has the store meanwhile', async () => {
      await node('n1');
      await onRow((rows) =>
        rows.replaceOne(
          {},
          {
            owner: { pid: 7, host: 'there' },
            boot: 'b',
            beat: 1,
            term: 9,
          },
        ),
      );
      await expect
        .poll(() => lost)
        .toEqual([expect.stringMatching(/was taken over by process 7 on there/u) as string]);
    });
  },
);
