import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMask } from '../../common/index.js';
import { SubscriptionIndex } from './subscription-index.js';

const MASKS = ['*', 'task.*', 'task.created', '*.changed', 'user.?hanged', 'plugin.*'];
const NAMES = ['task.created', 'user.changed', 'plugin.loaded', 'other'];

/** An index that counts how often a name was held against a mask. */
function countingIndex() {
  const counted = { matches: 0 };
  const index = new SubscriptionIndex<number>((mask) => {
    const matches = compileMask(mask);
    return (name) => {
      counted.matches += 1;
      return matches(name);
    };
  });
  return { index, counted };
}

describe('the subscription index', () => {
  it('finds each subscriber once, whatever was added and removed before', () => {
    const step = fc.record({
      adds: fc.boolean(),
      mask: fc.constantFrom(...MASKS),
      who: fc.integer({ min: 1, max: 4 }),
      ask: fc.constantFrom(...NAMES),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const index = new SubscriptionIndex<number>();
        const model = new Set<string>();
        for (const { adds, mask, who, ask } of steps) {
          if (adds) {
            index.add(mask, who);
            model.add(`${who} ${mask}`);
          } else {
            index.remove(mask, who);
            model.delete(`${who} ${mask}`);
          }
          const expected = [...model]
            .map((entry) => entry.split(' ') as [string, string])
            .filter(([, m]) => compileMask(m)(ask))
            .map(([w]) => Number(w));
          expect([...index.subscribersOf(ask)].sort()).toEqual([...new Set(expected)].sort());
        }
      }),
    );
  });

  it('holds a name against a mask once, however many events and subscribers there are', () => {
    const { index, counted } = countingIndex();
    for (let i = 0; i < 1_000; i += 1) index.add(`*${i}`, i % 7);
    for (let event = 0; event < 100; event += 1) index.subscribersOf('busy.1');
    expect(counted.matches).toBe(1_000);
    for (let who = 10; who < 20; who += 1) index.add('*1', who);
    expect([...index.subscribersOf('busy.1')]).toEqual([1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(counted.matches).toBe(1_000);
  });

  it('does not start again with all masks because one comes or goes', () => {
    const { index, counted } = countingIndex();
    for (let i = 0; i < 1_000; i += 1) index.add(`mine.${i}.*`, i);
    index.subscribersOf('busy');
    counted.matches = 0;
    for (let round = 0; round < 3_000; round += 1) {
      index.add(`hostile.${round}.*`, 0);
      index.subscribersOf('busy');
      index.remove(`hostile.${round}.*`, 0);
      index.subscribersOf('busy');
    }
    expect(counted.matches).toBe(3_000);
  });

  it('matches nothing for masks without wildcards', () => {
    const { index, counted } = countingIndex();
    for (let i = 0; i < 1_000; i += 1) index.add(`mine.${i}`, i);
    index.add('*', 5);
    expect([...index.subscribersOf('mine.7')].sort()).toEqual([5, 7]);
    expect(counted.matches).toBe(1);
  });

  it('forgets names when there are too many, and is right all the same', () => {
    const { index, counted } = countingIndex();
    index.add('*', 1);
    index.add('*7', 2);
    for (let i = 0; i < 10_000; i += 1) index.subscribersOf(`name.${i}`);
    counted.matches = 0;
    index.subscribersOf('name.9999');
    expect(counted.matches).toBe(0);
    expect([...index.subscribersOf('name.7')].sort()).toEqual([1, 2]);
    expect(counted.matches).toBe(2);
  });
});
