import { EVENT_NAME, type EventDialect } from './bench-event.js';

/** An event under way. */
interface Entry {
  seq: number;
  /** The message as the first subscriber got it, where it was parsed and checked. */
  pattern: Buffer | null;
  missing: number;
}

/** What a ledger is told of the work. */
export interface LedgerShape {
  readonly subscribers: number;
  /** The most events that may be under way at a time. */
  readonly window: number;
}

/**
 * Checks that every subscriber gets every event, once and in order. The first copy of an event is parsed; the
 * others have to be the same bytes, so that a million deliveries cost a million comparisons and no parsing.
 */
export class DeliveryLedger {
  private readonly entries: readonly Entry[];
  private published = 0;
  private completed = 0;

  constructor(
    private readonly read: EventDialect['read'],
    private readonly shape: LedgerShape,
  ) {
    const { window } = shape;
    this.entries = Array.from({ length: window }, () => ({ seq: 0, pattern: null, missing: 0 }));
  }

  /** Events that are published and have not reached everybody. */
  get underWay(): number {
    return this.published - this.completed;
  }

  /** Bytes of the last message that was checked. */
  messageBytes = 0;

  /** Makes room for one more event and answers its number; they begin with 1. */
  publish(): number {
    if (this.underWay >= this.shape.window) throw new Error('Too many events are under way');
    this.published += 1;
    const entry = this.entryOf(this.published);
    entry.seq = this.published;
    entry.pattern = null;
    entry.missing = this.shape.subscribers;
    return this.published;
  }

  /**
   * Takes the message in which a subscriber expects that event; true when it was the last to get it.
   *
   * @throws Error for any other message
   */
  deliver(seq: number, buffer: Buffer, start: number, end: number): boolean {
    const entry = this.entryOf(seq);
    if (seq > this.published) throw new Error(unexpected(seq, buffer.toString('utf8', start, end)));
    entry.pattern ??= this.check(seq, Buffer.from(buffer.subarray(start, end)));
    const { pattern } = entry;
    const isSame =
      pattern.length === end - start &&
      buffer.compare(pattern, 0, pattern.length, start, end) === 0;
    if (!isSame) throw new Error(unexpected(seq, buffer.toString('utf8', start, end)));
    entry.missing -= 1;
    if (entry.missing > 0) return false;
    this.completed += 1;
    return true;
  }

  private check(seq: number, message: Buffer): Buffer {
    const text = message.toString();
    const { name, args } = this.read(text);
    if (name !== EVENT_NAME || args.seq !== seq) throw new Error(unexpected(seq, text));
    this.messageBytes = message.length;
    return message;
  }

  private entryOf(seq: number): Entry {
    const entry = this.entries[seq % this.shape.window];
    if (entry === undefined) throw new Error('A window holds at least one event');
    return entry;
  }
}

function unexpected(seq: number, text: string): string {
  return `Event ${seq} was expected, not ${text.slice(0, 300)}`;
}
