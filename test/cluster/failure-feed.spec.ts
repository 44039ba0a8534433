import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LoginThrottle } from '../../src/auth/login-throttle.js';
import { TokenGuesses } from '../../src/auth/index.js';
import type { FailureFeed } from '../../src/cluster/index.js';
import { LocalFailureFeed } from '../../src/cluster/local/local-failure-feed.js';
import { NatsFailureFeed, type NatsLink } from '../../src/cluster/nats/index.js';
import { Errno } from '../../src/common/index.js';
import { linkTo } from '../support/nats-nodes.js';
import { natsObstacle, NatsServer } from '../support/nats-server.js';

const LIMIT = 6;
const never = new AbortController().signal;

/** What logins meet at one node. */
function guardOver(feed: FailureFeed) {
  const clock = { now: 0 };
  const throttle = new LoginThrottle(() => clock.now, LIMIT, feed);
  const guesses = new TokenGuesses(() => clock.now, LIMIT, feed);
  /** How an attempt ends: null when it was refused before it was decided. */
  const attempt = async (username: string, ip: string, isRight: boolean) => {
    const decided: { delayMs: number; standing: string }[] = [];
    try {
      await throttle.attempt({ username, ip, signal: never }, (turn) => {
        decided.push(turn);
        return Promise.resolve(isRight);
      });
    } catch (error) {
      expect(error).toMatchObject({ code: Errno.EBUSY });
    }
    return decided[0] ?? null;
  };
  return { clock, guesses, attempt };
}

describe('a node that is alone', () => {
  it('counts for itself', async () => {
    const [one, other] = [guardOver(new LocalFailureFeed()), guardOver(new LocalFailureFeed())];
    for (let count = 0; count < LIMIT; count += 1) await one.attempt('ann', '192.0.2.1', false);
    expect(await one.attempt('ann', '192.0.2.1', false)).toBeNull();
    expect(await other.attempt('ann', '192.0.2.1', false)).not.toBeNull();
  });
});

describe.skipIf(natsObstacle !== null)(`two nodes (${natsObstacle ?? 'over NATS'})`, () => {
  let server: NatsServer;
  let cluster = 0;
  const ends: (() => Promise<void> | void)[] = [];

  async function node(name: string) {
    const link: NatsLink = await linkTo(server.url, { node: name, cluster: `c${cluster}` });
    const feed = new NatsFailureFeed(link);
    ends.push(
      () => feed.close(),
      () => link.close(),
    );
    await link.connection.flush(); // it is subscribed
    return { ...guardOver(feed), link };
  }
  type Node = Awaited<ReturnType<typeof node>>;
  let a: Node;
  let b: Node;
  /** What either has told has arrived. */
  const told = async (): Promise<void> => {
    for (const { link } of [a, b, a, b]) await link.connection.flush();
  };

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

  it('refuse an address that has used up its failures at both', async () => {
    for (let count = 0; count < LIMIT; count += 1) {
      expect(await [a, b][count % 2]?.attempt(`user${count}`, '192.0.2.1', false)).not.toBeNull();
      await told();
    }
    expect(await a.attempt('ann', '192.0.2.1', false)).toBeNull();
    expect(await b.attempt('ann', '192.0.2.1', false)).toBeNull();
    expect(await b.attempt('ann', '192.0.2.2', true)).not.toBeNull();
    b.clock.now = 60_000;
    expect(await b.attempt('ann', '192.0.2.1', false)).not.toBeNull();
  });

  it('serve one queue of a user whose failures are used up', async () => {
    for (let count = 0; count < LIMIT; count += 1) {
      await [a, b][count % 2]?.attempt('ann', `192.0.2.${count}`, false);
      await told();
    }
    expect(await a.attempt('ann', '198.51.100.1', false)).toMatchObject({ delayMs: 2_000 });
    await told();
    expect(await b.attempt('ann', '198.51.100.2', false)).toMatchObject({ delayMs: 4_000 });
    await told();
    expect(await a.attempt('ann', '198.51.100.3', false)).toBeNull();
  });

  it('know where a user has logged in, and count what goes wrong from there', async () => {
    await a.attempt('ann', '192.0.2.1', true);
    await told();
    for (let count = 0; count < LIMIT; count += 1) {
      await [a, b][count % 2]?.attempt('ann', `198.51.100.${count}`, false);
      await told();
    }
    for (let count = 0; count < LIMIT; count += 1) {
      const turn = await [a, b][count % 2]?.attempt('ann', '192.0.2.1', false);
      expect(turn).toMatchObject({ standing: 'proven' });
      await told();
    }
    expect(await a.attempt('ann', '192.0.2.1', true)).toBeNull();
    expect(await b.attempt('ann', '192.0.2.1', true)).toBeNull();
  });

  it('listen to an address that shows what is no token as often as one would', async () => {
    for (let count = 0; count < LIMIT; count += 1) {
      [a, b][count % 2]?.guesses.count('192.0.2.1');
      await told();
    }
    for (const { guesses } of [a, b]) {
      expect(() => guesses.count('192.0.2.1')).toThrow(
        expect.objectContaining({ code: Errno.EBUSY }) as Error,
      );
    }
  });

  it('count for themselves while NATS is away, and for both when it is back', async () => {
    await server.kill();
    await expect.poll(() => a.link.isConnected || b.link.isConnected).toBe(false);
    await a.attempt('ann', '192.0.2.1', false);
    await server.resume();
    await expect.poll(() => a.link.isConnected && b.link.isConnected).toBe(true);
    for (let count = 1; count < LIMIT; count += 1) {
      await told();
      expect(await a.attempt('ann', '192.0.2.1', false)).not.toBeNull();
    }
    await told();
    expect(await a.attempt('ann', '192.0.2.1', false)).toBeNull();
    expect(await b.attempt('ann', '192.0.2.1', false)).not.toBeNull();
    await told();
    expect(await b.attempt('ann', '192.0.2.1', false)).toBeNull();
  });
});
