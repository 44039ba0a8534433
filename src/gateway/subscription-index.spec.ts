import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMask } from '../common/index.js';
import { SubscriptionIndex } from './subscription-index.js';

const MASKS = ['*', 'task.*', 'task.created', '*.changed', 'user.?hanged', 'plugin.*'];
const NAMES = ['task.created', 'user.changed', 'plugin.loaded', 'other'];

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
});
