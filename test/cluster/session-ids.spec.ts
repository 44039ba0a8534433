import { describe, expect, it, vi } from 'vitest';
import { LocalSessionIds } from '../../src/cluster/local/index.js';
import { BlockSessionIds } from '../../src/cluster/nats/block-session-ids.js';
import { Errno } from '../../src/common/index.js';
import { mongodbDriver } from '../../src/datastore/drivers/mongodb/index.js';
import { DocumentStore } from '../../src/datastore/index.js';
import { MemoryDriver, MemoryStore } from '../../src/testing/memory.driver.js';
import { mongodbAddress } from '../conformance/mongodb-target.js';
import { KeptLog } from '../support/nats-nodes.js';
import { describeSessionIds } from './session-ids.conformance.js';

let rows = new MemoryStore();
const memory = {
  store: () => Promise.resolve(new DocumentStore(new MemoryDriver(rows))),
  clear: () => {
    rows = new MemoryStore();
    return Promise.resolve();
  },
};

describeSessionIds({ name: 'local', most: 1, ids: () => new LocalSessionIds(), ...memory });
describeSessionIds({
  name: 'of several nodes, on a store in memory',
  most: 3,
  ids: () => new BlockSessionIds(new KeptLog()),
  ...memory,
});

if (mongodbAddress('ids') === null) {
  it.skip('numbers of sessions (MongoDB) (skipped: needs MONGODB_URI)', () => undefined);
} else {
  let database = mongodbAddress('ids');
  const stores: DocumentStore[] = [];
  describeSessionIds({
    name: 'of several nodes, on MongoDB',
    most: 3,
    ids: () => new BlockSessionIds(new KeptLog()),
    store: async () => {
      const driver = await mongodbDriver()(database?.dsn ?? '', { onStateChange: () => undefined });
      stores.push(new DocumentStore(driver));
      return stores.at(-1) ?? Promise.reject(new Error('no store'));
    },
    clear: async () => {
      for (const store of stores.splice(0)) await store.close();
      await database?.drop();
      database = mongodbAddress('ids');
    },
  });
}

describe('numbers of sessions of several nodes', () => {
  it('last for a while when the store is away, and are there again when it is back', async () => {
    const log = new KeptLog();
    const ids = new BlockSessionIds(log);
    let last = 0;
    const increment = vi.fn((_: string, by: number) => Promise.resolve((last += by)));
    await ids.begin(0, { increment });
    increment.mockRejectedValue(new Error('The store is away'));
    for (let id = 1; id <= 1_000; id += 1) expect(ids.next()).toBe(id);
    expect(() => ids.next()).toThrow(expect.objectContaining({ code: Errno.EIO }) as Error);
    await expect.poll(() => log.lines).toContainEqual(expect.stringContaining('The store is away'));
    increment.mockImplementation((_, by) => Promise.resolve((last += by)));
    await expect
      .poll(() => {
        try {
          return ids.next();
        } catch {
          return null;
        }
      })
      .toBe(1_001);
  });
});
