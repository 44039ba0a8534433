import type { JsMsg } from '@nats-io/jetstream';
import { messageOf } from '../../../common/index.js';
import type { JournalLimits } from '../../event-fanout.js';
import type { NatsLink } from '../nats-link.js';
import { type EventGroup, readGroup } from './event-group.js';
import { MESSAGE_ID, type SeenMessage, type StreamAsItIs } from './event-stream.js';
import { SeenEvents } from './seen-events.js';
import { StreamEvent } from './stream-event.js';
import { StreamJournal } from './stream-journal.js';

export interface IntakePorts {
  /** Whether the events of this node up to that number were delivered when they were published. */
  readonly wasDelivered: (number: number) => boolean;
  readonly deliver: (event: StreamEvent) => void;
  /** Events that this node has not seen are no longer in the stream. */
  readonly missed: () => void;
  /** Somebody says that the stream was put back. */
  readonly suspected: () => void;
  readonly epochBegun: () => void;
  /** A group has been dealt with. */
  readonly taken: () => void;
}

/** Takes the groups of the stream in their order: into the journal, and to whom they are delivered. */
export class EventIntake {
  readonly journal: StreamJournal;
  readonly seen = new SeenEvents();
  /** Groups that were in the stream behind the latest one when that was sent. */
  lag = 0;
  /** Up to there is what happened before this node joined: nobody is told. */
  readonly #historyEnd: number;
  /** Up to there the stream is read again: what was seen already belongs into the journal all the same. */
  #repeatEnd: number;
  #lastId: string | null = null;

  constructor(
    private readonly link: NatsLink,
    { epoch, state }: StreamAsItIs,
    private readonly options: { readonly journal: JournalLimits } & IntakePorts,
  ) {
    const { events, bytes } = options.journal;
    const groups = Math.min(events, Math.floor((bytes * state.messages) / (state.bytes + 1)));
    const first = Math.max(state.first_seq, state.last_seq - groups + 1, 1);
    this.journal = new StreamJournal(options.journal, epoch, first - 1);
    this.#historyEnd = state.last_seq;
    this.#repeatEnd = state.last_seq;
  }

  get latest(): SeenMessage {
    return { sequence: this.journal.sequence, id: this.#lastId };
  }

  /** The stream is another one than it was: all of it is read again, and nobody is told twice. */
  startAgain({ epoch, state }: StreamAsItIs): void {
    this.journal.restart(epoch, Math.max(state.first_seq, 1) - 1);
    this.#repeatEnd = state.last_seq;
    this.#lastId = null;
  }

  take(message: JsMsg): void {
    const { journal, options } = this;
    const { seq } = message;
    if (seq <= journal.sequence) return;
    if (seq > journal.sequence + 1) this.#skipTo(seq);
    journal.begin(seq);
    this.#lastId = message.headers?.get(MESSAGE_ID) ?? null;
    this.lag = message.info.pending;
    try {
      this.#takeGroup(readGroup(message.string()), message);
    } catch (error) {
      this.link.logger.warn(`A group of events is left out: ${messageOf(error)}`, { seq });
    }
    options.taken();
  }

  #skipTo(sequence: number): void {
    this.journal.restart(this.journal.epoch, sequence - 1);
    if (sequence > this.#historyEnd) this.options.missed();
  }

  #takeGroup(group: EventGroup, { seq, subject }: JsMsg): void {
    const { journal, options } = this;
    const node = subject.slice(subject.lastIndexOf('.') + 1);
    this.#takeEvents(group, { seq, node });
    const { epoch, suspected } = group;
    if (suspected === journal.epoch) options.suspected();
    if (epoch === undefined || epoch === journal.epoch) return;
    journal.restart(epoch, seq);
    options.epochBegun();
  }

  #takeEvents(
    { boot, first, events }: EventGroup,
    { seq, node }: { readonly seq: number; readonly node: string },
  ): void {
    const { journal, seen, options } = this;
    const isOwn = node === this.link.node && boot === this.link.boot;
    const last = seen.last(node, boot);
    events.forEach(({ head, args }, i) => {
      const number = first + i;
      if (number <= last && seq > this.#repeatEnd) return; // sent twice
      const place = { cursor: journal.next, node: node === this.link.node ? null : node };
      const event = new StreamEvent(head, args, place);
      journal.add(event);
      const isTold = number <= last || seq <= this.#historyEnd;
      if (!isTold && !(isOwn && options.wasDelivered(number))) options.deliver(event);
    });
    if (events.length > 0) seen.note(node, boot, first + events.length - 1);
  }
}
