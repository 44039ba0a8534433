import { coded } from '../../../common/index.js';
import type { JournalLimits, JournalReplay, Wanting } from '../../event-fanout.js';
import { EventJournal } from '../../journal/event-journal.js';
import { cursorOf } from '../../journal/journal-entry.js';
import type { StreamEvent } from './stream-event.js';

/** `<epoch>:<sequence>.<index>`: right behind that event of that group; or the cursor of a node by itself. */
const CURSOR = /^([0-9A-Za-z]{1,64}):(\d{1,15})(?:\.(\d{1,6}))?$/;

/** The index of a cursor behind the last event of a group, by a node that does not know how many there are. */
const END = 999_999;

/** So many places that nobody can ask for any more are let lie before they are cleared away. */
const MAX_STALE = 1_000;

/** A group's place in the order of all. */
interface Place {
  readonly sequence: number;
  /** How many events the journal had seen before it. */
  readonly before: number;
  /** Its events so far; null for the group before the first that is known. */
  count: number | null;
}

export interface StreamCursor {
  readonly epoch: string;
  readonly sequence: number;
  readonly index: number;
}

/** @throws RpcException EINVAL when it is no cursor */
export function readCursor(cursor: string): StreamCursor {
  const [, epoch, sequence, index] = CURSOR.exec(cursor) ?? [];
  if (epoch === undefined) throw coded('BAD_CURSOR', { cursor });
  return { epoch, sequence: Number(sequence), index: Number(index ?? END) };
}

/** What a node remembers of the stream: events by their group's sequence and their index within the group. */
export class StreamJournal {
  readonly #journal: EventJournal;
  #places: [Place, ...Place[]];
  #epoch: string;

  /** @param behind - sequence of the group before the first that it is going to be told of */
  constructor(limits: JournalLimits, epoch: string, behind: number) {
    this.#journal = new EventJournal(limits);
    this.#epoch = epoch;
    this.#places = [{ sequence: behind, before: 0, count: null }];
  }

  get epoch(): string {
    return this.#epoch;
  }

  /** Sequence of the latest group. */
  get sequence(): number {
    return this.#latest.sequence;
  }

  /** Right behind the latest event. */
  get cursor(): string {
    const { sequence, count } = this.#latest;
    if (count === null) return this.#cursor(sequence, END);
    return this.#cursor(sequence, Math.max(count - 1, 0));
  }

  /** Nothing from before is known any more: what comes next is behind that sequence of that epoch. */
  restart(epoch: string, behind: number): void {
    this.#epoch = epoch;
    this.#places = [{ sequence: behind, before: this.#journal.last, count: null }];
  }

  /** Begins the next group. */
  begin(sequence: number): void {
    this.#places.push({ sequence, before: this.#journal.last, count: 0 });
    this.#tidy();
  }

  /** The cursor of the next event of the group that was begun last. */
  get next(): string {
    return this.#cursor(this.sequence, this.#latest.count ?? 0);
  }

  add(event: StreamEvent): void {
    const latest = this.#latest;
    latest.count = (latest.count ?? 0) + 1;
    this.#journal.add(event);
  }

  /** Whether all that is before the cursor has been here. */
  hasReached({ sequence, index }: StreamCursor): boolean {
    const latest = this.#latest;
    if (sequence !== latest.sequence) return sequence < latest.sequence;
    return index === END || latest.count === null || index < Math.max(latest.count, 1);
  }

  /** How many events were before the cursor, for {@link after}; null when nobody can tell. */
  positionOf(cursor: StreamCursor): number | null {
    if (cursor.epoch !== this.#epoch || !this.hasReached(cursor)) return null;
    const place = this.#placeAt(cursor.sequence);
    if (place === null) return null;
    const { sequence, before, count } = place;
    if (sequence !== cursor.sequence) return before + (count ?? 0);
    if (count === null) return cursor.index === END || sequence === 0 ? before : null;
    return before + Math.min(cursor.index + 1, count);
  }

  replay(position: number | null, wants: Wanting): JournalReplay {
    const isKnown = position !== null && position >= this.#places[0].before;
    const events = isKnown ? this.#journal.after(position, wants) : null;
    return { events: events ?? [], cursor: this.cursor, gap: events === null };
  }

  because(cause: string, wants: Wanting): JournalReplay {
    const isComplete = this.#journal.isComplete && this.#places[0].sequence === 0;
    return { events: this.#journal.because(cause, wants), cursor: this.cursor, gap: !isComplete };
  }

  get #latest(): Place {
    return this.#places.at(-1) ?? this.#places[0];
  }

  #cursor(sequence: number, index: number): string {
    return cursorOf(this.#epoch, `${sequence}.${index}`);
  }

  /** The last place up to that sequence: sequences between two places are of no group. */
  #placeAt(sequence: number): Place | null {
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = this.#places[middle]?.sequence ?? Infinity;
      if (at <= sequence) low = middle + 1;
      else high = middle;
    }
    return this.#places[low - 1] ?? null;
  }

  /** A place is of no use once nothing of it is remembered. */
  #tidy(): void {
    const oldest = this.#journal.first;
    const stale = this.#places[MAX_STALE];
    if (stale === undefined || stale.before >= oldest) return;
    const behind = this.#places.findIndex(({ before }) => before >= oldest);
    const kept = behind === -1 ? this.#places.length : behind;
    const [first, ...others] = this.#places.slice(kept - 1);
    if (first !== undefined) this.#places = [first, ...others];
  }
}
