import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventFanout, PublishedEvent, UnplacedEvent } from '../../src/cluster/index.js';

/** What a node was handed, as the router would deliver it. */
export class Told {
  readonly events: PublishedEvent[] = [];

  constructor(readonly fanout: EventFanout) {
    fanout.deliverTo((event) => this.events.push(event));
  }

  publish(
    name: string,
    args: Readonly<Record<string, unknown>> = {},
    { cause = null, ...more }: { readonly cause?: string | null } & Partial<UnplacedEvent> = {},
  ): void {
    const published = this.fanout.publish({ name, args, ...more }, cause);
    if (published !== null) this.events.push(published);
  }

  get names(): string[] {
    return this.events.map(({ name }) => name);
  }

  get frames(): readonly Frame[] {
    return this.events.map(({ json }) => JSON.parse(json) as Frame);
  }

  /** Names of what came after a cursor; `gap` when nobody can tell. */
  async after(cursor: string): Promise<readonly string[] | 'gap'> {
    await this.fanout.approach(cursor);
    const { events, gap } = this.fanout.replay(this.fanout.positionOf(cursor), () => true);
    return gap ? 'gap' : events.map((json) => (JSON.parse(json) as Frame).name);
  }

  async has(count: number, timeout = 5_000): Promise<void> {
    await vi.waitFor(() => expect(this.events.length).toBeGreaterThanOrEqual(count), {
      timeout,
      interval: 5,
    });
  }
}

export interface Frame {
  readonly name: string;
  readonly args: unknown;
  readonly cursor: string;
  readonly cause?: string;
  readonly node?: string;
}

export interface FanoutGround {
  readonly nodes: readonly [EventFanout, ...EventFanout[]];
  close(): Promise<void>;
}

/** What every implementation of the order of events does alike. */
export function describeEventFanout(name: string, open: () => Promise<FanoutGround>): void {
  describe(`the order of events: ${name}`, () => {
    let ground: FanoutGround;
    let nodes: [Told, ...Told[]];

    beforeEach(async () => {
      ground = await open();
      const [first, ...others] = ground.nodes;
      nodes = [new Told(first), ...others.map((fanout) => new Told(fanout))];
    });

    afterEach(() => ground.close());

    it('is one for all nodes, and keeps that of each publisher', async () => {
      const count = 200;
      for (let i = 0; i < count; i += 1) {
        for (const [n, node] of nodes.entries()) node.publish(`${n}.${i}`);
        if (i % 50 === 0) await new Promise(setImmediate);
      }
      for (const node of nodes) await node.has(count * nodes.length);
      const [first] = nodes;
      for (const node of nodes) expect(node.names).toEqual(first.names);
      for (const n of nodes.keys()) {
        const own = first.names.filter((each) => each.startsWith(`${n}.`));
        expect(own).toEqual(Array.from({ length: count }, (_, i) => `${n}.${i}`));
      }
    });

    it('hands on what was published, whole', async () => {
      const args = { at: new Date(5), text: 'ä\n\t"', list: [1, null, { a: true }] };
      const audience = { kind: 'task', name: 'disk.scrub', owner: null } as const;
      nodes[0].publish('a', args, { cause: 'c1', audience });
      for (const node of nodes) {
        await node.has(1);
        expect(node.events[0]).toMatchObject({ name: 'a', args, cause: 'c1', audience });
        expect(node.frames[0]).toMatchObject({ name: 'a', cause: 'c1' });
      }
    });

    it('is gone on with from every cursor, at every node', async () => {
      for (const each of ['a', 'b', 'c']) nodes[0].publish(each);
      for (const node of nodes) await node.has(3);
      nodes.at(-1)?.publish('d');
      for (const node of nodes) await node.has(4);
      const all = ['a', 'b', 'c', 'd'];
      for (const from of nodes) {
        for (const node of nodes) {
          const cursors = from.frames.map(({ cursor }) => cursor);
          for (const [i, cursor] of cursors.entries()) {
            expect(await node.after(cursor)).toEqual(all.slice(i + 1));
          }
          expect(await node.after(from.fanout.cursor)).toEqual([]);
        }
      }
    });

    it('goes on from the beginning', async () => {
      const { cursor } = nodes[0].fanout;
      nodes[0].publish('a');
      for (const node of nodes) {
        await node.has(1);
        expect(await node.after(cursor)).toEqual(['a']);
      }
    });

    it('has a gap behind a cursor of another epoch, and refuses what is no cursor', async () => {
      expect(await nodes[0].after('then:7')).toBe('gap');
      expect(() => nodes[0].fanout.positionOf('then')).toThrow('Cursor');
      expect(() => nodes[0].fanout.positionOf('')).toThrow('Cursor');
    });

    it('gives an event for one client the present cursor, and does not keep it', async () => {
      nodes[0].publish('a');
      await nodes[0].has(1);
      const { fanout } = nodes[0];
      const { cursor } = JSON.parse(fanout.unplaced({ name: 'x', args: {} }, null)) as Frame;
      expect(cursor).toBe(fanout.cursor);
      expect(await nodes[0].after(cursor)).toEqual([]);
    });

    it('has no place for what has no JSON form', async () => {
      const endless: Record<string, unknown> = {};
      endless['self'] = endless;
      expect(() => nodes[0].publish('endless', endless)).toThrow();
      nodes[0].publish('a');
      await nodes[0].has(1);
      expect(nodes[0].names).toEqual(['a']);
    });

    it('knows what was published because of one thing', async () => {
      nodes[0].publish('a', {}, { cause: 'c1' });
      nodes[0].publish('b', {}, { cause: 'c2' });
      nodes[0].publish('c', {}, { cause: 'c1' });
      for (const node of nodes) {
        await node.has(3);
        const { events } = node.fanout.because('c1', () => true);
        expect(events.map((json) => (JSON.parse(json) as Frame).name)).toEqual(['a', 'c']);
      }
    });

    it('is settled once what was published is delivered', async () => {
      nodes[0].publish('a');
      await nodes[0].fanout.settled();
      expect(nodes[0].names).toEqual(['a']);
    });
  });
}
