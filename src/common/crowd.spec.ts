import { getHeapSpaceStatistics } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectGarbage } from '../../test/support/collect-garbage.js';
import { Crowd } from './crowd.js';

const GUESTS = Array.from({ length: 8 }, (_, name) => ({ name }));

describe('a crowd', () => {
  it('holds what a set holds, whatever came and went before', () => {
    const step = fc.record({ comes: fc.boolean(), guest: fc.constantFrom(...GUESTS) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const crowd = new Crowd<object>();
        const model = new Set<object>();
        for (const { comes, guest } of steps) {
          if (comes) {
            crowd.add(guest);
            model.add(guest);
          } else {
            expect(crowd.delete(guest)).toBe(model.delete(guest));
          }
          expect(crowd.size).toBe(model.size);
          expect(new Set(crowd)).toEqual(model);
          for (const each of GUESTS) expect(crowd.has(each)).toBe(model.has(each));
        }
        for (const guest of model) crowd.delete(guest);
      }),
    );
  });

  it('may have its members in other crowds too', () => {
    const [guest = {}, other = {}] = GUESTS;
    const [here, there] = [new Crowd<object>(), new Crowd<object>()];
    for (const each of [other, guest]) here.add(each);
    there.add(guest);
    here.delete(guest);
    expect([...here]).toEqual([other]);
    expect([...there]).toEqual([guest]);
  });

  it('is walked as it was when the walk began', () => {
    const guests = [{ name: 1 }, { name: 2 }, { name: 3 }];
    const crowd = new Crowd<object>();
    for (const guest of guests) crowd.add(guest);
    const seen: object[] = [];
    for (const guest of crowd) {
      seen.push(guest);
      crowd.delete(guest);
      crowd.add({});
    }
    expect(seen).toEqual(guests);
  });

  it('keeps none of those that went out of the reach of a minor collection', () => {
    const passed = 40_000;
    const crowd = new Crowd<Guest>();
    const present: Guest[] = [];
    const welcome = (): void => {
      const guest = new Guest();
      crowd.add(guest);
      present.push(guest);
      if (present.length > 32) crowd.delete(present.shift() ?? guest);
    };
    for (let i = 0; i < 1_000; i += 1) welcome();
    const grownBytes = oldSpaceGrownBy(() => {
      for (let i = 0; i < passed; i += 1) {
        welcome();
        if (i % 1_000 === 0) collectGarbage({ type: 'minor' });
      }
    });
    expect(grownBytes).toBeLessThan((passed * GUEST_BYTES) / 4);
  });
});

const GUEST_BYTES = 256;

/** An object with room enough to be seen in the heap. */
class Guest {
  readonly room = new Array<number>(GUEST_BYTES / 8).fill(0);
}

/** Bytes that the old generation grew by since a full collection. */
function oldSpaceGrownBy(work: () => void): number {
  const used = (): number =>
    getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')
      ?.space_used_size ?? 0;
  collectGarbage();
  const before = used();
  work();
  return used() - before;
}
