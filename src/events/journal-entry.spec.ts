import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JournalEntry } from './journal-entry.js';

const sequence = fc
  .tuple(fc.integer({ min: 0, max: 14 }), fc.integer({ min: -1, max: 1 }))
  .map(([digits, step]) => Math.max(1, 10 ** digits + step));

describe('a journal entry', () => {
  it('knows how many bytes its text has before there is one', () => {
    const cause = fc.option(fc.constantFrom('c1', 'task-12'));
    fc.assert(
      fc.property(
        fc.string(),
        fc.jsonValue({ maxDepth: 2 }),
        sequence,
        cause,
        (name, value, n, by) => {
          const entry = new JournalEntry({ name, args: { value } }, 'e1', n, by);
          expect(entry.bytes).toBe(Buffer.byteLength(entry.json));
        },
      ),
    );
  });
});
