import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { SessionIds } from '../../src/cluster/index.js';
import { Errno } from '../../src/common/index.js';
import type { DocumentStore } from '../../src/datastore/index.js';

/** Where nodes can be had that number their sessions. */
export interface SessionIdsGround {
  readonly name: string;
  /** How many there can be at a time. */
  readonly most: number;
  /** The store of all, as one node has it open. */
  store(): Promise<DocumentStore>;
  ids(): SessionIds;
  clear(): Promise<void>;
}

export function describeSessionIds(ground: SessionIdsGround): void {
  describe(`numbers of sessions (${ground.name})`, () => {
    afterEach(() => ground.clear());

    const node = async (highest: number): Promise<SessionIds> => {
      const ids = ground.ids();
      await ids.begin(highest, await ground.store());
      return ids;
    };

    it.each([0, 1, 999, 1_000, 1_500, 12_345])(
      'rise, and go on after number %i',
      async (highest) => {
        const ids = await node(highest);
        const first = ids.next();
        expect(first).toBeGreaterThan(highest);
        expect([ids.next(), ids.next()]).toEqual([first + 1, first + 2]);
      },
    );

    it('go on beyond what was fetched at first', async () => {
      const ids = await node(0);
      const given: number[] = [];
      while (given.length < 5_000) {
        try {
          given.push(ids.next());
        } catch (error) {
          expect(error).toMatchObject({ code: Errno.EIO }); // faster than any store answers
          await setImmediate();
        }
      }
      expect(given).toEqual([...new Set(given)].sort((one, other) => one - other));
    });

    it.runIf(ground.most > 1)('are given by one node of all only', async () => {
      const nodes = await Promise.all([node(0), node(0), node(1_500)]);
      const given = nodes.flatMap((ids) => Array.from({ length: 700 }, () => ids.next()));
      expect(new Set(given).size).toBe(given.length);
      const late = await node(Math.max(...given));
      expect(late.next()).toBeGreaterThan(Math.max(...given));
    });
  });
}
