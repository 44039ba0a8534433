import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TokenStore } from '../../src/auth/index.js';
import { NatsSharedTokens, type NatsLink } from '../../src/cluster/nats/index.js';
import { LocalSharedTokens } from '../../src/cluster/local/local-shared-tokens.js';
import type { SharedTokens } from '../../src/cluster/index.js';
import { linkTo } from '../support/nats-nodes.js';
import { natsObstacle, NatsServer } from '../support/nats-server.js';

const LIFETIME_MS = 600_000;
const ROLES = ['admin'] as const;

type Principal = NonNullable<ReturnType<TokenStore['principalOf']>>;

const userNamed = (name: string, origin: 'store' | 'machine' = 'store'): Principal => ({
  ...{ kind: 'user', name, roles: ROLES, origin },
  rights: {} as Principal['rights'],
});

/** The tokens of a node with a clock of its own. */
function tokensOver(tokens: SharedTokens) {
  const clock = { now: 0 };
  const revoked: string[] = [];
  const store = new TokenStore({
    nowMs: () => clock.now,
    lifetimeMs: LIFETIME_MS,
    refresh: (principal) => principal,
    shared: {
      tokens,
      principalOf: ({ user, origin }) => userNamed(user, origin),
      whenUsersKnown: () => null,
    },
  });
  store.onRevoked((key) => revoked.push(key));
  /** Whom the token logs in, as a login asks. */
  const userOf = async (token: string): Promise<string | null> => {
    await store.prepare(token);
    return store.use(token)?.principal.name ?? null;
  };
  return { clock, revoked, store, userOf };
}

describe('the tokens of a node that is alone', () => {
  it('wait for nobody', async () => {
    const { store, userOf } = tokensOver(new LocalSharedTokens());
    const { token } = store.issue(userNamed('ann'));
    expect(store.prepare(token)).toBeNull();
    expect(store.prepare('unknown')).toBeNull();
    expect(await userOf(token)).toBe('ann');
  });
});

describe.skipIf(natsObstacle !== null)(
  `the tokens of two nodes (${natsObstacle ?? 'NATS'})`,
  () => {
    let server: NatsServer;
    let cluster = 0;
    const ends: (() => Promise<void>)[] = [];

    async function node(name: string) {
      const link: NatsLink = await linkTo(server.url, { node: name, cluster: `c${cluster}` });
      const tokens = new NatsSharedTokens(link, { lifetimeMs: LIFETIME_MS });
      ends.push(
        () => tokens.close(),
        () => link.close(),
      );
      return { ...tokensOver(tokens), tokens, link };
    }
    type Node = Awaited<ReturnType<typeof node>>;
    let a: Node;
    let b: Node;
    const all = (): Promise<void> => expect.poll(() => a.tokens.untold + b.tokens.untold).toBe(0);

    beforeAll(async () => {
      server = await NatsServer.start();
    });
    beforeEach(async () => {
      cluster += 1;
      a = await node('a');
      b = await node('b');
    });
    afterEach(async () => {
      for (const end of ends.splice(0)) await end();
    });
    afterAll(() => server.stop());

    it('work at the other node at once', async () => {
      const { token } = a.store.issue(userNamed('root', 'machine'));
      await all();
      expect(await b.userOf(token)).toBe('root');
      expect(b.store.principalOf(token)?.origin).toBe('machine');
    });

    it('can be exchanged anywhere, and the old one goes everywhere', async () => {
      const { token } = a.store.issue(userNamed('ann'));
      await all();
      await b.store.prepare(token);
      const next = b.store.exchange(token);
      await all();
      expect(await a.userOf(next?.token ?? '')).toBe('ann');
      expect(await a.userOf(token)).toBe('ann');
      a.clock.now = 61_000;
      expect(await a.userOf(token)).toBeNull();
      expect(await a.userOf(next?.token ?? '')).toBe('ann');
    });

    it('are worth nothing anywhere when one node has revoked them', async () => {
      const { token, key } = a.store.issue(userNamed('ann'));
      await all();
      await expect.poll(() => b.store.principalOf(token)?.name).toBe('ann');
      b.store.revoke(key);
      await expect.poll(() => a.revoked).toEqual([key]);
      expect(await a.userOf(token)).toBeNull();
      expect(await (await node('c')).userOf(token)).toBeNull();
    });

    it('stay when they are spared, for all that the other node revokes', async () => {
      const kept = a.store.issue(userNamed('ann'));
      const other = a.store.issue(userNamed('ann'));
      await all();
      await expect.poll(() => b.store.principalOf(other.token)?.name).toBe('ann');
      a.store.revokeUser('ann', new Set([kept.key]));
      b.store.revokeUser('ann');
      await expect.poll(() => b.userOf(kept.token)).toBe('ann');
      await all();
      expect(await a.userOf(kept.token)).toBe('ann');
      expect(await b.userOf(other.token)).toBeNull();
      expect(a.revoked).toEqual([other.key]);
    });

    it('live on by use anywhere, of which the others are told when a quarter is over', async () => {
      const { token, key } = a.store.issue(userNamed('ann'));
      await all();
      expect(await b.userOf(token)).toBe('ann');
      a.clock.now = 100_000;
      a.store.touch(key, a.clock.now);
      expect(a.tokens.untold).toBe(0);
      a.clock.now = b.clock.now = 200_000;
      a.store.touch(key, a.clock.now);
      expect(a.tokens.untold).toBe(1);
      await all();
      b.clock.now = 700_000;
      await expect.poll(() => b.store.principalOf(token)?.name).toBe('ann');
      b.clock.now = 801_000;
      expect(b.store.principalOf(token)).toBeNull();
    });

    it('are not brought back by a use when they are revoked at the same time', async () => {
      const issued = Array.from({ length: 50 }, () => a.store.issue(userNamed('ann')));
      await all();
      await expect.poll(() => issued.every(({ token }) => b.store.principalOf(token))).toBe(true);
      a.clock.now = 300_000;
      for (const { key } of issued) {
        a.store.touch(key, a.clock.now);
        b.store.revoke(key);
      }
      await all();
      const other = await node('c');
      for (const { token } of issued) expect(await other.userOf(token)).toBeNull();
      await expect.poll(() => issued.some(({ token }) => a.store.principalOf(token))).toBe(false);
    });

    it('go on working while NATS is away, and what was done meanwhile is told when it returns', async () => {
      const known = a.store.issue(userNamed('ann'));
      const revoked = a.store.issue(userNamed('bob'));
      await all();
      await expect.poll(() => b.store.principalOf(revoked.token)?.name).toBe('bob');
      await server.kill();
      await expect.poll(() => a.link.isConnected || b.link.isConnected).toBe(false);
      expect(await b.userOf(known.token)).toBe('ann');
      const fresh = a.store.issue(userNamed('eve'));
      expect(await a.userOf(fresh.token)).toBe('eve');
      expect(await b.userOf(fresh.token)).toBeNull();
      a.store.revoke(revoked.key);
      await server.resume();
      await expect.poll(() => b.userOf(fresh.token)).toBe('eve');
      await expect.poll(() => b.userOf(revoked.token)).toBeNull();
      expect(await b.userOf(known.token)).toBe('ann');
      expect(b.revoked).toEqual([revoked.key]);
    });

    it('are issued anew when NATS has lost its data', async () => {
      const lost = a.store.issue(userNamed('ann'));
      await all();
      await server.kill();
      rmSync(server.storeFolder, { recursive: true, force: true });
      await server.resume();
      const fresh = a.store.issue(userNamed('ann'));
      await expect.poll(() => b.userOf(fresh.token)).toBe('ann');
      expect(await (await node('c')).userOf(lost.token)).toBeNull();
    });
  },
);
