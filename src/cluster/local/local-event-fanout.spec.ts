import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalReplay } from '../event-fanout.js';
import { JournalEntry } from '../journal/journal-entry.js';
import { LocalEventFanout } from './local-event-fanout.js';

const ROOMY = { events: 1_000, bytes: 1_000_000 };
const all = (name: string): boolean => name !== '';

const after = (journal: LocalEventFanout, cursor: string, wants = all): JournalReplay =>
  journal.replay(journal.positionOf(cursor), wants);

/** Names of events, `gap` when there is one. */
const told = ({ events, gap }: JournalReplay): readonly string[] | 'gap' =>
  gap ? 'gap' : events.map((json) => (JSON.parse(json) as { name: string }).name);

function journalOf(
  limits: { events: number; bytes: number },
  ...names: string[]
): LocalEventFanout {
  const journal = new LocalEventFanout('now', limits);
  for (const name of names) journal.publish({ name, args: {} }, null);
  return journal;
}

describe('the journal of events', () => {
  it('writes each event with its cursor, as clients see it', () => {
    const journal = new LocalEventFanout('now', ROOMY);
    journal.publish({ name: 'x', args: {} }, null);
    expect(journal.publish({ name: 'y"', args: { at: new Date(0) } }, null)).toMatchObject({
      json: '{"name":"y\\"","args":{"at":{"$date":"1970-01-01T00:00:00.000Z"}},"cursor":"now:2"}',
    });
    expect(journal.cursor).toBe('now:2');
  });

  it('replays what came after a cursor and is wanted, in order', () => {
    const journal = journalOf(ROOMY, 'a', 'b', 'c', 'b');
    expect(told(after(journal, 'now:0'))).toEqual(['a', 'b', 'c', 'b']);
    expect(told(after(journal, 'now:1', (name) => name === 'b'))).toEqual(['b', 'b']);
    expect(after(journal, 'now:4')).toEqual({ events: [], cursor: 'now:4', gap: false });
  });

  it('tells of a gap as soon as the first event after the cursor is gone', () => {
    const journal = journalOf({ events: 3, bytes: 1_000_000 }, 'a', 'b', 'c', 'd', 'e');
    expect(told(after(journal, 'now:2'))).toEqual(['c', 'd', 'e']);
    expect(after(journal, 'now:1')).toEqual({ events: [], cursor: 'now:5', gap: true });
  });

  it('tells of a gap for a cursor of another start of the server, however far on it is', () => {
    expect(told(after(journalOf(ROOMY, 'a'), 'then:700'))).toBe('gap');
  });

  it.each([
    '',
    'now',
    'now:',
    'now:x',
    ':1',
    'now:-1',
    'now:1.5',
    'now:2',
    `now:${'9'.repeat(40)}`,
  ])('refuses %j, which it never gave out', (cursor) => {
    expect(() => journalOf(ROOMY, 'a').positionOf(cursor)).toThrow('Cursor');
  });

  it('keeps nothing of an event that is larger than all it may keep', () => {
    const journal = journalOf({ events: 10, bytes: 100 }, 'a');
    journal.publish({ name: 'big', args: { text: 'ä'.repeat(60) } }, null);
    expect(told(after(journal, 'now:1'))).toBe('gap');
    expect(told(after(journal, 'now:2'))).toEqual([]);
    journal.publish({ name: 'b', args: {} }, null);
    expect(told(after(journal, 'now:2'))).toEqual(['b']);
  });

  it('keeps what was published, whatever its publisher does with it later', () => {
    const journal = new LocalEventFanout('now', ROOMY);
    const args = { ids: [1], at: new Date(0) };
    journal.publish({ name: 'a', args }, null);
    args.ids.push(2);
    args.at.setTime(1);
    const { events } = after(journal, 'now:0');
    expect(events).toEqual([
      '{"name":"a","args":{"ids":[1],"at":{"$date":"1970-01-01T00:00:00.000Z"}},"cursor":"now:1"}',
    ]);
  });

  it('gives the text of an event for one client the present cursor and does not keep it', () => {
    const journal = journalOf(ROOMY, 'a');
    expect(journal.unplaced({ name: 'x', args: {} }, null)).toBe(
      '{"name":"x","args":{},"cursor":"now:1"}',
    );
    expect(told(after(journal, 'now:0'))).toEqual(['a']);
  });

  it('never leaves an event out of a replay without saying so, and stays within its bounds', () => {
    const texts = fc.array(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), { maxLength: 60 });
    const causes = fc.option(fc.constant('0123456789abcdef'));
    const limits = fc.record({
      events: fc.integer({ min: 1, max: 12 }),
      bytes: fc.integer({ min: 40, max: 1_000 }),
    });
    fc.assert(
      fc.property(texts, limits, causes, fc.nat(), (events, bounds, cause, start) => {
        const journal = new LocalEventFanout('now', bounds);
        const published = events.map((x) => journal.publish({ name: `e${x}`, args: { x } }, cause));
        const from = start % (events.length + 1);
        const replay = after(journal, `now:${from}`);
        const missed = published.slice(from);
        const sizes = missed.map(
          (each, i) => new JournalEntry(each, 'now', from + i + 1, cause).size,
        );
        const isWithin = sizes.reduce((sum, size) => sum + size, 0) <= bounds.bytes;
        const isKept = missed.length <= bounds.events && isWithin;
        expect(replay).toEqual({
          events: isKept ? missed.map(({ json }) => json) : [],
          cursor: `now:${events.length}`,
          gap: !isKept,
        });
      }),
    );
  });
});
