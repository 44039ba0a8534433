import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccountDirectory, RoleIndex } from '../../src/auth/index.js';
import { LocalRowFeed } from '../../src/cluster/local/local-row-feed.js';
import { NatsRowFeed } from '../../src/cluster/nats/nats-row-feed.js';
import { Errno } from '../../src/common/index.js';
import { mongodbDriver } from '../../src/datastore/drivers/mongodb/index.js';
import {
  type DatastoreDriver,
  DocumentConfigStore,
  DocumentStore,
  type RowChange,
} from '../../src/datastore/index.js';
import { MemoryDriver, MemoryStore } from '../../src/testing/memory.driver.js';
import { RecordingLogger } from '../../src/testing/index.js';
import { mongodbAddress } from '../conformance/mongodb-target.js';
import { Switchboard } from './support/switchboard.js';

const LEASE_MS = 60;
const TIMING = { lookMs: 20, staleMs: 100 };

/** A driver whose store can be out of reach of its server. */
function severable(driver: DatastoreDriver): { driver: DatastoreDriver; sever(is: boolean): void } {
  let isSevered = false;
  const away = (): never => {
    throw new Error('the store is out of reach');
  };
  return {
    driver: new Proxy(driver, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return isSevered && name !== 'close' ? away : (value.bind(target) as unknown);
      },
    }),
    sever: (is) => (isSevered = is),
  };
}

/** Servers on one store that tell each other of their writes. */
class SharedStore {
  readonly board = new Switchboard();
  readonly #closers: (() => Promise<void> | void)[] = [];

  constructor(private readonly open: () => Promise<DatastoreDriver>) {}

  async node(name: string) {
    const node = this.board.add(name);
    const { driver, sever } = severable(await this.open());
    const store = new DocumentStore(driver);
    const { directory, calls } = node;
    const feed = new NatsRowFeed({ directory, calls, leaseMs: LEASE_MS });
    await store.share(feed, TIMING);
    const logger = new RecordingLogger();
    const accounts = await AccountDirectory.open({ store, roles: new RoleIndex(), logger });
    this.#closers.push(
      () => accounts.close(),
      () => feed.close(),
      () => store.close(),
    );
    const isOpen = async (): Promise<boolean> => {
      try {
        await store.whenCurrent();
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: Errno.EIO });
        return false;
      }
    };
    /** Whether a login as the user could succeed. */
    const admits = async (user: string): Promise<boolean> =>
      (await isOpen()) && accounts.find(user) !== null;
    return { node, store, accounts, sever, isOpen, admits };
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0)) await close();
  }
}

type SharedNode = Awaited<ReturnType<SharedStore['node']>>;

const mongodb = mongodbAddress('row_feed');
const events = { onStateChange: () => undefined };
const stores: [string, () => () => Promise<DatastoreDriver>][] = [
  [
    'a store in memory',
    () => {
      const rows = new MemoryStore();
      return () => Promise.resolve(new MemoryDriver(rows));
    },
  ],
];
if (mongodb !== null) {
  stores.push(['MongoDB', () => () => mongodbDriver()(mongodb.dsn, events)]);
}
afterAll(() => mongodb?.drop());

describe.each(stores)('servers on %s', (_, begin) => {
  let shared: SharedStore;
  let a: SharedNode;
  let b: SharedNode;

  beforeEach(async () => {
    shared = new SharedStore(begin());
    a = await shared.node('a');
    b = await shared.node('b');
    await a.store.deleteMany('users', null);
  });
  afterEach(() => shared.close());

  it('know of a user and of its end when the write is acknowledged', async () => {
    const id = await a.store.insert('users', { username: 'ann' });
    expect(await b.admits('ann')).toBe(true);
    await b.store.update('users', id, { locked: true });
    expect(a.accounts.find('ann')?.isLocked).toBe(true);
    await b.store.delete('users', id);
    expect(await a.admits('ann')).toBe(false);
  });

  it.each<[string, (store: DocumentStore) => Promise<unknown>]>([
    ['a deletion by filter', (store) => store.deleteMany('users', [['username', '=', 'ann']])],
    ['a claim', (store) => store.claim('users', [['username', '=', 'ann']], { username: 'eve' })],
    ['the end of a collection', (store) => store.dropCollection('users')],
  ])('know of %s', async (_what, change) => {
    await a.store.insert('users', { username: 'ann' });
    await change(a.store);
    expect(await b.admits('ann')).toBe(false);
    await a.store.requireCollection('users', { unique: ['username'] });
  });

  it('tell of a change once, where it was made', async () => {
    const told: [string, RowChange][] = [];
    a.store.watchAll((change) => told.push(['a', change]));
    b.store.watchAll((change) => told.push(['b', change]));
    const id = await a.store.insert('users', { username: 'ann' });
    expect(told).toEqual([['a', { collection: 'users', operation: 'create', ids: [id] }]]);
  });

  it('log nobody out for a hash that is only weak', async () => {
    await a.store.insert('users', { username: 'ann', password: 'weak' });
    const told: unknown[] = [];
    b.accounts.onChange((change) => told.push(change));
    const account = a.accounts.find('ann');
    if (account === null) throw new Error('ann is not known');
    await a.accounts.rehash(account, 'strong');
    expect(told).toEqual([]);
    expect(b.accounts.find('ann')?.passwordHash).toBe('weak');
  });

  it('read what they could not hear', async () => {
    b.node.cut(LEASE_MS);
    await a.store.insert('users', { username: 'ann' });
    await expect.poll(() => b.admits('ann')).toBe(true);
    await b.store.deleteMany('users', null);
    await expect.poll(() => a.admits('ann')).toBe(false);
  });

  it('read what a server that died had written and not told of', async () => {
    a.node.cut(60_000);
    const written = a.store.insert('users', { username: 'ann' });
    shared.board.lose('a');
    await expect.poll(() => b.admits('ann')).toBe(true);
    a.node.heal();
    await written;
  });

  it('let nobody in where they neither hear nor read, until they do', async () => {
    await a.store.insert('users', { username: 'ann' });
    b.node.cut(LEASE_MS);
    b.sever(true);
    await expect.poll(() => b.isOpen()).toBe(false);
    await a.store.deleteMany('users', null);
    expect(await b.admits('ann')).toBe(false);
    b.sever(false);
    b.node.heal();
    await expect.poll(() => b.isOpen()).toBe(true);
    expect(await b.admits('ann')).toBe(false);
  });

  it('let nobody in who was told of a change that could not be read', async () => {
    await a.store.insert('users', { username: 'ann' });
    b.sever(true);
    await a.store.deleteMany('users', null);
    expect(await b.admits('ann')).toBe(false);
    b.sever(false);
    await expect.poll(() => b.isOpen()).toBe(true);
    expect(await b.admits('ann')).toBe(false);
  });

  it('go on by what they hear while the store is away', async () => {
    await a.store.insert('users', { username: 'ann' });
    b.sever(true);
    await delay(2 * TIMING.staleMs);
    expect(await b.admits('ann')).toBe(true);
  });

  it('know the collections that others define', async () => {
    await a.store.requireCollection('shelves', { unique: ['label'] });
    await b.store.insert('shelves', { label: 'top' });
    await a.store.requireCollection('shelves', { indexes: ['room'] });
    expect((await b.store.collection('shelves')).indexes).toEqual([['room']]);
    await a.store.dropCollection('shelves');
    await expect(b.store.insert('shelves', { label: 'top' })).rejects.toMatchObject({
      code: Errno.ENOENT,
    });
  });

  it('follow the settings that others change', async () => {
    const [own, other] = await Promise.all([
      DocumentConfigStore.openIn(a.store),
      DocumentConfigStore.openIn(b.store),
    ]);
    const told: unknown[] = [];
    const kept = new Map<string, unknown>();
    other.onChange((change, origin) => told.push([change, origin]));
    other.guardedBy({
      concerns: () => true,
      check: (change) => change,
      committed: (change) => change.forEach((value, key) => kept.set(key, value)),
      kept: () => kept.keys(),
    });
    await own.set('fan.speed', 3);
    expect(kept.get('fan.speed')).toBe(3);
    await other.set('fan.speed', 4);
    await own.delete('fan.speed');
    expect(kept.get('fan.speed')).toBeUndefined();
    expect(told).toEqual([
      [{ operation: 'set', keys: ['fan.speed'] }, 'elsewhere'],
      [{ operation: 'set', keys: ['fan.speed'] }, 'here'],
      [{ operation: 'delete', keys: ['fan.speed'] }, 'elsewhere'],
    ]);
  });

  it('do not wait for each other for ever when all change settings at once', async () => {
    const stores = await Promise.all([
      DocumentConfigStore.openIn(a.store),
      DocumentConfigStore.openIn(b.store),
    ]);
    for (const store of stores) {
      store.guardedBy({
        concerns: () => true,
        check: (change) => change,
        committed: () => undefined,
        kept: () => [],
      });
    }
    const begun = performance.now();
    await Promise.all(
      stores.flatMap((store, node) =>
        Array.from({ length: 10 }, (_item, index) => store.set(`n${node}.k${index}`, index)),
      ),
    );
    expect(performance.now() - begun).toBeLessThan(5_000);
  });
});

type Step =
  | { readonly kind: 'add'; readonly at: 'a' | 'b'; readonly user: string }
  | { readonly kind: 'revoke'; readonly at: 'a' | 'b'; readonly user: string }
  | { readonly kind: 'cut' | 'heal' | 'sever' | 'mend'; readonly at: 'a' | 'b' };

const at = fc.constantFrom('a' as const, 'b' as const);
const user = fc.constantFrom('ann', 'bob');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('add' as const), at, user }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('revoke' as const), at, user }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('cut' as const, 'heal' as const, 'sever' as const, 'mend' as const),
      at,
    }),
  },
);

describe('a user who was revoked', () => {
  it('is let in nowhere after the acknowledgement, whatever is out of reach of whom', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const rows = new MemoryStore();
        const shared = new SharedStore(() => Promise.resolve(new MemoryDriver(rows)));
        const nodes = { a: await shared.node('a'), b: await shared.node('b') };
        try {
          for (const each of steps) {
            const node = nodes[each.at];
            if (each.kind === 'cut') node.node.cut(LEASE_MS);
            else if (each.kind === 'heal') node.node.heal();
            else if (each.kind === 'sever') node.sever(true);
            else if (each.kind === 'mend') node.sever(false);
            else if ('user' in each) await change(node, each);
            if (each.kind !== 'revoke') continue;
            for (const { admits } of Object.values(nodes))
              expect(await admits(each.user)).toBe(false);
          }
        } finally {
          for (const { node } of Object.values(nodes)) node.heal();
          await shared.close();
        }
      }),
      { numRuns: 25 },
    );
  });

  /** What fails was not acknowledged: it is done with the store in reach. */
  async function change(
    { store, sever }: SharedNode,
    { kind, user }: { readonly kind: 'add' | 'revoke'; readonly user: string },
  ): Promise<void> {
    const make = (): Promise<unknown> =>
      kind === 'revoke'
        ? store.deleteMany('users', [['username', '=', user]])
        : store.insert('users', { username: user });
    await make().catch(async () => {
      sever(false);
      await make().catch(() => undefined); // the user is there already
    });
  }
});

describe('a server that is alone', () => {
  it('writes no row more', async () => {
    const rows = new MemoryStore();
    const store = new DocumentStore(new MemoryDriver(rows));
    await store.share(new LocalRowFeed());
    await store.requireCollection('users', {});
    store.watch('users', () => undefined);
    await store.insert('users', { username: 'ann' });
    expect((await store.listCollections()).map(({ name }) => name)).toEqual(['users']);
    store.assertCurrent();
    await store.close();
  });
});
