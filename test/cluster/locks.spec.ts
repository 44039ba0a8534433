import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Errno } from '../../src/common/index.js';
import { SharedLocks } from '../../src/services/cluster/shared-locks.js';
import type { LockAuthority, LockOwner } from '../../src/services/lock-authority.js';
import { NamedLocks } from '../../src/services/named-locks.js';
import { RecordingLogger } from '../../src/testing/index.js';
import { NodeNetwork } from '../support/node-network.js';

const never = new AbortController().signal;
const FOR_EVER = { timeoutMs: null, signal: never };
const AT_ONCE = { timeoutMs: 0, signal: never };
const owner = (label: string): LockOwner => ({ label });

/** The locks of several nodes in one process. */
class LockGround {
  readonly network = new NodeNetwork();
  readonly logger = new RecordingLogger();
  readonly #locks = new Map<string, SharedLocks>();

  add(name: string): SharedLocks {
    const { leadership, directory, calls } = this.network.add(name, { state: 'live' });
    const locks = new SharedLocks({ leadership, directory, calls, logger: this.logger });
    this.#locks.set(name, locks);
    return locks;
  }

  /** It dies. */
  lose(name: string): void {
    this.network.lose(name);
    this.#locks.get(name)?.close();
    this.#locks.delete(name);
  }

  close(): void {
    for (const locks of this.#locks.values()) locks.close();
  }
}

const places: [string, () => { locks: LockAuthority; close(): void }][] = [
  ['of a node that is alone', () => ({ locks: new NamedLocks(() => 1), close: () => undefined })],
  [
    'at the leader',
    () => {
      const ground = new LockGround();
      const locks = ground.add('n1');
      ground.add('n2');
      ground.network.elect('n1');
      return { locks, close: () => ground.close() };
    },
  ],
  [
    'at another node than the leader',
    () => {
      const ground = new LockGround();
      const locks = ground.add('n1');
      ground.add('n2');
      ground.network.elect('n2');
      return { locks, close: () => ground.close() };
    },
  ],
];

describe.each(places)('locks %s', (_, begin) => {
  let place: ReturnType<typeof begin>;
  let locks: LockAuthority;
  const [ann, bob] = [owner('ann'), owner('bob')];

  beforeEach(async () => {
    place = begin();
    locks = place.locks;
    await locks.init('a');
  });
  afterEach(() => place.close());

  it('are held by one, and handed on in the order of asking', async () => {
    expect(await locks.acquire('a', ann, FOR_EVER)).toBe(true);
    expect(await locks.acquire('a', bob, AT_ONCE)).toBe(false);
    expect(await locks.acquire('a', bob, { timeoutMs: 30, signal: never })).toBe(false);
    const waiting = locks.acquire('a', bob, FOR_EVER);
    await expect.poll(() => locks.list()).toEqual([{ name: 'a', holder: 'ann', waiters: ['bob'] }]);
    await locks.release('a', ann);
    expect(await waiting).toBe(true);
    expect(await locks.isLocked('a')).toBe(true);
  });

  it('have a number that rises with each holder, which is told to nobody else', async () => {
    await locks.acquire('a', ann, FOR_EVER);
    const first = await locks.token('a', ann);
    await expect(Promise.resolve().then(() => locks.token('a', bob))).rejects.toMatchObject({
      code: Errno.EPERM,
    });
    await locks.release('a', ann);
    await locks.acquire('a', bob, FOR_EVER);
    expect(await locks.token('a', bob)).toBeGreaterThan(first);
  });

  it.each<[string, Errno, () => unknown]>([
    ['of a lock that nobody made', Errno.ENOENT, () => locks.acquire('b', ann, FOR_EVER)],
    ['of a lock that is held already', Errno.EBUSY, () => locks.acquire('a', bob, FOR_EVER)],
    ['of the end of what another one holds', Errno.EPERM, () => locks.release('a', ann)],
    ['of a number where there is no lock', Errno.ENOENT, () => locks.token('b', ann)],
    ['of a name that is none', Errno.EINVAL, () => locks.init('')],
  ])('refuse a request %s', async (_what, code, ask) => {
    await locks.acquire('a', bob, FOR_EVER);
    await expect(Promise.resolve().then(ask)).rejects.toMatchObject({ code });
  });

  it('are free when their holder has gone, and wait for nobody who has', async () => {
    await locks.acquire('a', ann, FOR_EVER);
    const gone = new AbortController();
    const given = locks.acquire('a', bob, { timeoutMs: null, signal: gone.signal });
    await expect.poll(async () => (await locks.list())[0]?.waiters).toEqual(['bob']);
    gone.abort();
    expect(await given).toBe(false);
    locks.forget(ann);
    await expect.poll(() => locks.isLocked('a')).toBe(false);
  });
});

describe('locks of three nodes', () => {
  let ground: LockGround;
  let n1: SharedLocks;
  let n2: SharedLocks;
  let n3: SharedLocks;
  const [ann, bob] = [owner('ann'), owner('bob')];

  beforeEach(async () => {
    ground = new LockGround();
    [n1, n2, n3] = [ground.add('n1'), ground.add('n2'), ground.add('n3')];
    ground.network.elect('n1');
    await n2.init('a');
  });
  afterEach(() => ground.close());

  it('are held by a caller of one node', async () => {
    expect(await n2.acquire('a', ann, FOR_EVER)).toBe(true);
    expect(await n3.acquire('a', bob, AT_ONCE)).toBe(false);
    const waiting = n3.acquire('a', bob, FOR_EVER);
    await n2.release('a', ann);
    expect(await waiting).toBe(true);
  });

  it('stay with their holder when another node leads, and keep who waits', async () => {
    await n2.acquire('a', ann, FOR_EVER);
    const first = await n2.token('a', ann);
    const waiting = n3.acquire('a', bob, FOR_EVER);
    await expect.poll(async () => (await n1.list())[0]?.waiters).toEqual(['bob']);
    ground.lose('n1');
    ground.network.elect('n3');
    await expect.poll(() => n2.list()).toEqual([{ name: 'a', holder: 'ann', waiters: ['bob'] }]);
    expect(await n2.token('a', ann)).toBe(first);
    await n2.release('a', ann);
    expect(await waiting).toBe(true);
    expect(await n3.token('a', bob)).toBeGreaterThan(first);
  });

  it('are given to nobody before all nodes that live have said what is held there', async () => {
    await n2.acquire('a', ann, FOR_EVER);
    ground.network.add('n4', { state: 'live' }); // says nothing
    ground.network.elect('n3');
    let isAnswered = false;
    const answer = n3.acquire('a', bob, AT_ONCE).finally(() => (isAnswered = true));
    const begunMs = performance.now();
    await expect.poll(() => isAnswered, { timeout: 5_000 }).toBe(true);
    expect(performance.now() - begunMs).toBeGreaterThan(1_900);
    expect(await answer).toBe(false);
    ground.network.elect('n2');
    const again = n3.acquire('a', bob, AT_ONCE);
    ground.network.lose('n4');
    expect(await again).toBe(false);
  });

  it('are free when the node of their holder is lost', async () => {
    await n2.acquire('a', ann, FOR_EVER);
    const waiting = n3.acquire('a', bob, FOR_EVER);
    ground.lose('n2');
    expect(await waiting).toBe(true);
  });

  it('are not held twice when a node comes back that was taken to be lost', async () => {
    await n2.acquire('a', ann, FOR_EVER);
    const first = await n2.token('a', ann);
    for (const { directory } of ground.network.nodes.values()) directory.remove('n2', 'lost');
    expect(await n3.acquire('a', bob, FOR_EVER)).toBe(true);
    expect(await n3.token('a', bob)).toBeGreaterThan(first);
    ground.network.announce('n2', { state: 'live' });
    ground.network.elect('n3');
    await expect.poll(() => ground.logger.lines.length).toBe(1);
    await expect(n2.token('a', ann)).rejects.toMatchObject({ code: Errno.EPERM });
    expect((await n2.list())[0]?.holder).toBe('bob');
  });

  it('are given once though the answer was lost', async () => {
    const { calls } = ground.network.nodes.get('n2') ?? {};
    const call = calls?.call.bind(calls);
    let losses = 0;
    if (calls === undefined || call === undefined) throw new Error('there is no n2');
    calls.call = async (...request) => {
      const answer = await call(...request);
      losses += 1;
      if (losses === 1) {
        ground.network.elect('n1'); // in the meantime
        return call('nobody', request[1], request[2]);
      }
      return answer;
    };
    expect(await n2.acquire('a', ann, FOR_EVER)).toBe(true);
    expect(losses).toBeGreaterThan(1);
    await n2.release('a', ann);
    expect(await n3.isLocked('a')).toBe(false);
  });
});

type Act =
  | { readonly kind: 'acquire' | 'release' | 'end'; readonly at: number }
  | { readonly kind: 'elect'; readonly at: number };

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('acquire', 'acquire', 'release', 'end', 'elect'),
  at: fc.nat(2),
});

describe('a lock', () => {
  it('has one holder at a time, with rising numbers, however often another node leads', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 25 }), async (acts) => {
        const ground = new LockGround();
        const nodes = ['n0', 'n1', 'n2'].map((name) => ground.add(name));
        ground.network.elect('n0');
        const owners = nodes.map((_node, index) => owner(`o${index}`));
        const holders = new Set<LockOwner>();
        let last = 0;
        try {
          await nodes[0]?.init('a');
          await Promise.all(
            acts.map(async ({ kind, at }, order) => {
              for (let turn = 0; turn < order * 3; turn += 1) await Promise.resolve();
              const [node, own] = [nodes[at], owners[at]];
              if (node === undefined || own === undefined) return;
              if (kind === 'elect') ground.network.elect(`n${at}`);
              else if (kind === 'acquire') {
                if (!(await node.acquire('a', own, { timeoutMs: 20, signal: never }))) return;
                expect([...holders]).toEqual([]);
                holders.add(own);
                const token = await node.token('a', own);
                expect(token).toBeGreaterThan(last);
                last = token;
              } else if (holders.delete(own)) {
                if (kind === 'release') await node.release('a', own);
                else {
                  node.forget(own);
                  owners[at] = owner(`o${at}'`);
                }
              }
            }),
          ).catch((error: unknown) => {
            if ((error as { code?: unknown }).code !== Errno.EBUSY) throw error;
          });
        } finally {
          ground.close();
        }
      }),
      { numRuns: 40 },
    );
  });
});
