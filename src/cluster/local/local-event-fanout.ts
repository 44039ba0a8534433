import { coded } from '../../common/index.js';
import type { DispatcherEvent } from '../../sdk/index.js';
import {
  type Audience,
  EventFanout,
  type JournalLimits,
  type JournalReplay,
  type PublishedEvent,
  type UnplacedEvent,
  type Wanting,
} from '../event-fanout.js';
import { EventJournal } from '../journal/event-journal.js';
import { cursorOf, JournalEntry, textOf } from '../journal/journal-entry.js';

const CURSOR = /^([0-9A-Za-z]{1,64}):(\d{1,15})$/;

/** The order of events of one node: each has its place, which is a number, as soon as it is published. */
export class LocalEventFanout extends EventFanout {
  readonly #journal: EventJournal;

  /** @param epoch - another one for every start of the server; letters and digits */
  constructor(
    readonly epoch: string,
    limits: JournalLimits,
  ) {
    super();
    this.#journal = new EventJournal(limits);
  }

  get cursor(): string {
    return cursorOf(this.epoch, this.#journal.last);
  }

  publish({ name, args, audience = null }: UnplacedEvent, cause: string | null): PublishedEvent {
    const sequence = this.#journal.last + 1;
    const entry = new JournalEntry({ name, args, audience }, this.epoch, sequence, cause);
    this.#journal.add(entry);
    return new PlacedEvent(name, args, entry);
  }

  /** What is published has its place at once, and nothing comes from elsewhere. */
  deliverTo(): () => void {
    return () => undefined;
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  want(): void {
    // there is nobody to tell
  }

  onWanted(): () => void {
    return () => undefined;
  }

  onLost(): () => void {
    return () => undefined;
  }

  unplaced(event: DispatcherEvent, cause: string | null): string {
    return textOf(event, this.cursor, cause);
  }

  approach(): null {
    return null;
  }

  positionOf(cursor: string): number | null {
    const [, epoch, digits] = CURSOR.exec(cursor) ?? [];
    const sequence = epoch === this.epoch ? Number(digits) : null;
    if (epoch === undefined || (sequence ?? 0) > this.#journal.last)
      throw coded('BAD_CURSOR', { cursor });
    return sequence;
  }

  replay(position: number | null, wants: Wanting): JournalReplay {
    const events = position === null ? null : this.#journal.after(position, wants);
    return { events: events ?? [], cursor: this.cursor, gap: events === null };
  }

  because(cause: string, wants: Wanting): JournalReplay {
    const events = this.#journal.because(cause, wants);
    return { events, cursor: this.cursor, gap: !this.#journal.isComplete };
  }
}

/** Holds on to the publisher's own args for as long as the event is on its way, no longer. */
class PlacedEvent implements PublishedEvent {
  constructor(
    readonly name: string,
    readonly args: DispatcherEvent['args'],
    private readonly entry: JournalEntry,
  ) {}

  get audience(): Audience | null {
    return this.entry.audience;
  }

  get cause(): string | null {
    return this.entry.cause;
  }

  get json(): string {
    return this.entry.json;
  }
}
