import { coded } from '../common/index.js';
import type { DispatcherEvent } from '../sdk/index.js';
import { cursorOf, JournalEntry, textOf } from './journal-entry.js';
import type { Audience } from './publisher-queues.js';

/** An event with its place in the order of all events, in the form that clients see. */
export interface PublishedEvent extends DispatcherEvent {
  /** Null: everybody who asked for the name is told. */
  readonly audience: Audience | null;
  readonly sequence: number;
  /**
   * JSON text of `{name, args, cursor, cause?}`: made once, used for every client and for replays, and
   * not made at all while nobody asks for it.
   */
  readonly json: string;
}

export interface JournalLimits {
  readonly events: number;
  /** About: what an event takes is guessed from its characters. */
  readonly bytes: number;
}

/** What happened after a cursor. With a gap nobody can tell, and `events` is empty. */
export interface JournalReplay {
  /** JSON text of each event, in order. */
  readonly events: readonly string[];
  /** Up to where: nothing before it is missing, nothing after it is included. */
  readonly cursor: string;
  readonly gap: boolean;
}

export type Wanting = (name: string, audience: Audience | null) => boolean;

interface Appended extends DispatcherEvent {
  readonly audience?: Audience | null;
}

const CURSOR = /^([0-9A-Za-z]{1,64}):(\d{1,15})$/;

/**
 * Gives events their sequence numbers and remembers the latest of them, so that a client that comes
 * back can be told what it missed. Entry n lies at n modulo the capacity: adding, dropping and
 * finding one costs the same however many there are.
 */
export class EventJournal {
  readonly #entries: (JournalEntry | undefined)[] = [];
  #first = 1;
  #last = 0;
  #size = 0;

  /** @param epoch - another one for every start of the server; letters and digits */
  constructor(
    private readonly epoch: string,
    private readonly limits: JournalLimits,
  ) {}

  /** The place right behind the latest event. */
  get cursor(): string {
    return cursorOf(this.epoch, this.#last);
  }

  /** The text of an event that is for somebody in particular: it has no place in the order of all. */
  unrecorded(event: DispatcherEvent, cause: string | null = null): string {
    return textOf(event, this.cursor, cause);
  }

  /**
   * @param cause - what it was published because of; clients see it beside the cursor
   * @throws RangeError or TypeError when the args have no JSON form; no sequence number is used up
   */
  append(event: Appended, cause: string | null = null): PublishedEvent {
    const sequence = this.#last + 1;
    const { name, args, audience = null } = event;
    const entry = new JournalEntry({ name, args, audience }, this.epoch, sequence, cause);
    this.#last = sequence;
    this.#remember(entry);
    return new JournalledEvent(name, args, sequence, entry);
  }

  /**
   * Where a cursor stands; null when it is of another start of the server.
   *
   * @throws RpcException EINVAL when it is no cursor, or one that this server never gave out
   */
  positionOf(cursor: string): number | null {
    const [, epoch, digits] = CURSOR.exec(cursor) ?? [];
    const sequence = epoch === this.epoch ? Number(digits) : null;
    if (epoch === undefined || (sequence ?? 0) > this.#last) throw coded('BAD_CURSOR', { cursor });
    return sequence;
  }

  /** The events behind a position that are wanted, by their name and whom they are for. */
  replay(position: number | null, wants: Wanting): JournalReplay {
    const { cursor } = this;
    if (position === null || position + 1 < this.#first) return { events: [], cursor, gap: true };
    const events: string[] = [];
    for (let sequence = position + 1; sequence <= this.#last; sequence += 1) {
      const entry = this.#entries[sequence % this.limits.events];
      if (entry !== undefined && wants(entry.name, entry.audience)) events.push(entry.json);
    }
    return { events, cursor, gap: false };
  }

  /** The remembered events that were published because of one thing, in order. */
  because(cause: string, wants: Wanting): JournalReplay {
    const events: string[] = [];
    for (let sequence = this.#first; sequence <= this.#last; sequence += 1) {
      const entry = this.#entries[sequence % this.limits.events];
      if (entry?.cause === cause && wants(entry.name, entry.audience)) events.push(entry.json);
    }
    return { events, cursor: this.cursor, gap: this.#first > 1 };
  }

  #remember(entry: JournalEntry): void {
    if (this.#last - this.#first >= this.limits.events) this.#dropFirst();
    this.#entries[this.#last % this.limits.events] = entry;
    this.#size += entry.size;
    while (this.#size > this.limits.bytes) this.#dropFirst();
  }

  #dropFirst(): void {
    const slot = this.#first % this.limits.events;
    this.#size -= this.#entries[slot]?.size ?? 0;
    this.#entries[slot] = undefined;
    this.#first += 1;
  }
}

/** Holds on to the publisher's own args for as long as the event is on its way, no longer. */
class JournalledEvent implements PublishedEvent {
  constructor(
    readonly name: string,
    readonly args: DispatcherEvent['args'],
    readonly sequence: number,
    private readonly entry: JournalEntry,
  ) {}

  get audience(): Audience | null {
    return this.entry.audience;
  }

  get json(): string {
    return this.entry.json;
  }
}
