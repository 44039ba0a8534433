import { cpSync, rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { LocalEventFanout } from '../../src/cluster/local/index.js';
import type { NatsEventOptions } from '../../src/cluster/nats/index.js';
import { linkTo } from '../support/nats-nodes.js';
import { natsObstacle, NatsServer } from '../support/nats-server.js';
import { TcpGate } from '../support/tcp-gate.js';
import { describeEventFanout } from './event-fanout.conformance.js';
import { JOURNAL, MINUTE_MS, Node } from './fanout-node.js';

describeEventFanout('one node', () => {
  const nodes = [new LocalEventFanout('now', JOURNAL)] as const;
  return Promise.resolve({ nodes: [...nodes], close: () => Promise.resolve() });
});

describe.skipIf(natsObstacle !== null)('over NATS', () => {
  let server: NatsServer;
  let cluster: string;
  let count = 0;
  const nodes: Node[] = [];

  beforeAll(async () => {
    server = await NatsServer.start();
  });

  afterAll(() => server.stop());

  beforeEach(() => {
    count += 1;
    cluster = `c${count}`;
  });

  afterEach(async () => {
    if (server.pid === 0) await server.resume();
    await leave();
  });

  async function join(
    node: string,
    options: Partial<NatsEventOptions> = {},
    port = server.port,
  ): Promise<Node> {
    const url = `nats://127.0.0.1:${port}`;
    const joined = await Node.join(await linkTo(url, { node, cluster }), options);
    nodes.push(joined);
    return joined;
  }

  describeEventFanout('three nodes over NATS', async () => {
    const [first, ...others] = [await join('n1'), await join('n2'), await join('n3')];
    return { nodes: [first.fanout, ...others.map(({ fanout }) => fanout)], close: leave };
  });

  async function leave(): Promise<void> {
    await Promise.all(nodes.splice(0).map((node) => node.leave()));
  }

  it('says of events of other nodes which one they come from', async () => {
    const [n1, n2] = [await join('n1'), await join('n2')];
    n1.publish('a');
    await Promise.all([n1.has(1), n2.has(1)]);
    expect(n1.frames[0]).not.toHaveProperty('node');
    expect(n2.frames[0]).toMatchObject({ node: 'n1' });
    expect(n2.frames[0]?.cursor).toBe(n1.frames[0]?.cursor);
  });

  it('tells a node that joins later nothing of before, and lets it repeat it', async () => {
    const n1 = await join('n1');
    n1.publish('a');
    n1.publish('b');
    await n1.has(2);
    const n2 = await join('n2');
    expect(await n2.after(n1.frames[0]?.cursor ?? '')).toEqual(['b']);
    n1.publish('c');
    await n2.has(1);
    expect(n2.names).toEqual(['c']);
  });

  it('loses, doubles and turns round nothing when NATS restarts', async () => {
    const [n1, n2] = [await join('n1'), await join('n2')];
    const publish = (from: number): void => {
      for (let i = from; i < from + 100; i += 1) {
        n1.publish(`1.${i}`);
        n2.publish(`2.${i}`);
      }
    };
    publish(0);
    await new Promise(setImmediate);
    publish(100);
    await server.kill();
    publish(200);
    await server.resume();
    publish(300);
    await Promise.all([n1.has(800, 20_000), n2.has(800, 20_000)]);
    expect(n1.names).toEqual(n2.names);
    for (const n of [1, 2]) {
      const own = n1.names.filter((name) => name.startsWith(`${n}.`));
      expect(own).toEqual(Array.from({ length: 400 }, (_, i) => `${n}.${i}`));
    }
    expect([n1.fanout.epochs, n2.fanout.epochs]).toEqual([0, 0]);
  });

  it('lets who comes from a node that is ahead wait', async () => {
    const [n1, n2] = [await join('n1'), await join('n2')];
    n1.publish('a');
    await Promise.all([n1.has(1), n2.has(1)]);
    const { cursor } = n1.fanout;
    const ahead = cursor.replace(/:(\d+)\./, (_, sequence) => `:${Number(sequence) + 1}.`);
    const approach = n2.fanout.approach(ahead);
    expect(approach).not.toBeNull();
    n1.publish('b');
    n1.publish('c');
    await approach;
    expect(await n2.after(ahead)).toEqual(['c']);
  });

  it('says that there is a gap to who waits for what never comes', async () => {
    const n1 = await join('n1');
    expect(await n1.after(n1.fanout.cursor.replace(/:.*/, ':7.0'))).toBe('gap');
  });

  it('begins another epoch when the stream was put back, and tells nobody twice', async () => {
    const [n1, n2] = [await join('n1'), await join('n2')];
    n1.publish('a');
    await Promise.all([n1.has(1), n2.has(1)]);
    const copy = `${server.storeFolder}.copy`;
    await server.kill();
    cpSync(server.storeFolder, copy, { recursive: true });
    await server.resume();
    n2.publish('b');
    n1.publish('c');
    await Promise.all([n1.has(3, 10_000), n2.has(3, 10_000)]);
    const { cursor } = n2.fanout;
    await server.kill();
    rmSync(server.storeFolder, { recursive: true });
    cpSync(copy, server.storeFolder, { recursive: true });
    rmSync(copy, { recursive: true });
    await server.resume();
    await vi.waitFor(() => expect([n1.fanout.epochs, n2.fanout.epochs]).toEqual([1, 1]), 10_000);
    expect(n1.fanout.epoch).toBe(n2.fanout.epoch);
    expect(await n1.after(cursor)).toBe('gap');
    expect(await n2.after(cursor)).toBe('gap');
    n1.publish('d');
    await Promise.all([n1.has(4), n2.has(4)]);
    expect(n1.names.toSorted()).toEqual(['a', 'b', 'c', 'd']);
    expect(n2.names.toSorted()).toEqual(['a', 'b', 'c', 'd']);
    const n3 = await join('n3');
    expect(n3.fanout.epoch).toBe(n1.fanout.epoch);
    expect(await n3.after(n1.fanout.cursor)).toEqual([]);
  });

  it('goes on in another epoch when NATS has lost all it had', async () => {
    const [n1, n2] = [await join('n1'), await join('n2')];
    n1.publish('a');
    await Promise.all([n1.has(1), n2.has(1)]);
    const { cursor, epoch } = n1.fanout;
    await server.kill();
    rmSync(server.storeFolder, { recursive: true });
    await server.resume();
    n2.publish('b');
    await Promise.all([n1.has(2, 10_000), n2.has(2, 10_000)]);
    expect(n1.fanout.epoch).toBe(n2.fanout.epoch);
    expect(n1.fanout.epoch).not.toBe(epoch);
    expect(await n2.after(cursor)).toBe('gap');
  });

  it('is alone without NATS for long, and tells the others when it is back', async () => {
    const [n1, n2] = [await join('n1', { islandAfterMs: 100 }), await join('n2')];
    n1.publish('a');
    await Promise.all([n1.has(1), n2.has(1)]);
    const before = n1.fanout.cursor;
    await server.kill();
    n1.publish('b');
    n2.publish('x');
    await n1.has(2);
    expect(n1.fanout.isIsland).toBe(true);
    n1.publish('c');
    expect(n1.names).toEqual(['a', 'b', 'c']);
    expect(await n1.after(before)).toBe('gap');
    expect(await n1.after(n1.frames[1]?.cursor ?? '')).toEqual(['c']);
    const alone = n1.fanout.cursor;
    await server.resume();
    await Promise.all([n1.has(4, 10_000), n2.has(4, 10_000)]);
    n1.publish('d');
    await Promise.all([n1.has(5), n2.has(5)]);
    expect(n1.names).toEqual(['a', 'b', 'c', 'x', 'd']);
    expect(n2.names.toSorted()).toEqual(['a', 'b', 'c', 'd', 'x']);
    expect(await n1.after(alone)).toBe('gap');
    expect(await n2.after(before)).toHaveLength(4);
    expect(await n1.after(before)).toHaveLength(4);
  });

  it('drops and counts what the buffer has no room for, and begins another epoch', async () => {
    const [n1, n2] = [await join('n1', { bufferBytes: 2_000 }), await join('n2')];
    n1.publish('a');
    await Promise.all([n1.has(1), n2.has(1)]);
    const { cursor } = n2.fanout;
    await server.kill();
    await vi.waitFor(() => expect(n1.link.isConnected).toBe(false));
    for (let i = 0; i < 20; i += 1) n1.publish(`b${i}`);
    expect(n1.fanout.bufferBytes).toBeLessThanOrEqual(2_000);
    expect(n1.fanout.dropped).toBeGreaterThan(0);
    expect(n1.names).toHaveLength(21);
    await server.resume();
    await vi.waitFor(() => expect(n2.fanout.epochs).toBe(1), 10_000);
    await n2.has(21 - n1.fanout.dropped);
    expect(n2.names).toHaveLength(21 - n1.fanout.dropped);
    expect(await n2.after(cursor)).toBe('gap');
    expect(n1.fanout.bufferBytes).toBe(0);
    expect(n1.lost).toEqual([{ count: n1.fanout.dropped }]);
  });

  it('says so when events were gone before it read them, and has a gap there', async () => {
    const stream = { maxBytes: 20_000, maxAgeMs: MINUTE_MS };
    const gate = await TcpGate.before(server.port);
    try {
      const n1 = await join('n1', { stream });
      const n2 = await join('n2', { stream }, gate.port);
      n1.publish('a');
      await Promise.all([n1.has(1), n2.has(1)]);
      const { cursor } = n2.fanout;
      gate.shut();
      for (let i = 0; i < 60; i += 1) {
        n1.publish(`b${i}`, { text: 'x'.repeat(1_000) });
        await n1.has(i + 2);
      }
      gate.open();
      await vi.waitFor(() => expect(n2.names).toContain('b59'), 10_000);
      expect(n2.names.length).toBeLessThan(61);
      expect(n2.lost).toEqual([{ count: null }]);
      expect(await n2.after(cursor)).toBe('gap');
      n1.publish('c');
      await n2.has(n2.names.length + 1);
      expect(await n2.after(n2.frames.at(-2)?.cursor ?? '')).toEqual(['c']);
    } finally {
      await gate.close();
    }
  });

  it('takes an event that is too large for NATS to its own clients only', async () => {
    const [n1, n2] = [await join('n1'), await join('n2')];
    n1.publish('large', { text: 'x'.repeat(1_100_000) });
    n1.publish('small', { text: 'x'.repeat(900_000) });
    await Promise.all([n1.has(2), n2.has(1)]);
    expect(n1.names).toEqual(['large', 'small']);
    expect(n2.names).toEqual(['small']);
  });

  describe('what is wanted', () => {
    const wantedAt = (node: Node): Map<string, number> => {
      const wanted = new Map<string, number>();
      node.fanout.onWanted((mask, isWanted) => {
        wanted.set(mask, (wanted.get(mask) ?? 0) + (isWanted ? 1 : -1));
      });
      return wanted;
    };

    it('is told to all nodes, to those that join whole, and again when NATS restarts', async () => {
      const [n1, n2] = [await join('n1'), await join('n2')];
      const at1 = wantedAt(n1);
      n2.fanout.want('disk.*', true);
      n2.fanout.want('pool', true);
      n1.fanout.want('own', true);
      await vi.waitFor(() =>
        expect([...at1]).toEqual([
          ['disk.*', 1],
          ['pool', 1],
        ]),
      );
      const n3 = await join('n3');
      const at3 = wantedAt(n3);
      await vi.waitFor(() => expect(at3.size).toBe(3));
      n2.fanout.want('pool', false);
      await vi.waitFor(() => expect([at1.get('pool'), at3.get('pool')]).toEqual([0, 0]));
      await server.kill();
      await vi.waitFor(() => expect(n2.link.isConnected).toBe(false));
      n2.fanout.want('late', true);
      n2.fanout.want('disk.*', false);
      await server.resume();
      await vi.waitFor(
        () => expect([at1.get('late'), at1.get('disk.*'), at3.get('late')]).toEqual([1, 0, 1]),
        10_000,
      );
    });

    it('is wanted no longer at a node that leaves', async () => {
      const [n1, n2] = [await join('n1'), await join('n2')];
      const at1 = wantedAt(n1);
      n2.fanout.want('a', true);
      await vi.waitFor(() => expect(at1.get('a')).toBe(1));
      await nodes.pop()?.leave();
      await vi.waitFor(() => expect(at1.get('a')).toBe(0));
    });

    it('takes an event of scope node to other nodes, which repeat it to nobody', async () => {
      const [n1, n2] = [await join('n1'), await join('n2')];
      const at1 = wantedAt(n1);
      const { cursor } = n1.fanout;
      n1.publish('load', { n: 1 }, { scope: 'node' });
      n2.fanout.want('load', true);
      await vi.waitFor(() => expect(at1.get('load')).toBe(1));
      n1.publish('load', { n: 2 }, { scope: 'node' });
      await n2.has(1);
      expect(n1.events.map(({ args }) => args)).toEqual([{ n: 1 }, { n: 2 }]);
      expect(n2.events.map(({ args }) => args)).toEqual([{ n: 2 }]);
      expect(n2.frames[0]).toMatchObject({ node: 'n1', cursor });
      expect(await n2.after(cursor)).toEqual([]);
    });
  });
});
