import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JournalEntry, textOf } from './journal-entry.js';

describe('a journal entry', () => {
  it('has the text that its event had, whether it was made at once or when somebody asked', () => {
    const cause = fc.option(fc.constantFrom('c1', 'task-12'));
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.nat(), cause, (name, value, n, by) => {
        const event = { name, args: { value } };
        const entry = new JournalEntry(event, 'e1', n, by);
        expect([entry.json, entry.json]).toEqual(Array(2).fill(textOf(event, `e1:${n}`, by)));
      }),
    );
  });

  it.each([
    ['plain', { name: 'pool', id: 7, state: 'ONLINE', at: new Date(0), disks: ['sda', 'sdb'] }],
    ['not plain', { deep: { deeper: { deepest: { 'the end': { of: 'it' } } } } }],
  ])('knows about how large an event is that is %s', (_, args) => {
    const entry = new JournalEntry({ name: 'pool.changed', args }, '0123456789abcdef', 4_711, null);
    expect(entry.size).toBeGreaterThan(0.5 * entry.json.length);
    expect(entry.size).toBeLessThan(2 * entry.json.length);
  });
});
