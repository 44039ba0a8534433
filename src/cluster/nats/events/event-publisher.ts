import type { PubAck } from '@nats-io/jetstream';
import { messageOf } from '../../../common/index.js';
import type { NatsLink } from '../nats-link.js';
import { type EventGroup, type WrittenEvent, writeGroup } from './event-group.js';

/** Of a group. */
const MAX_EVENTS = 512;
const MAX_BYTES = 262_144;
const ACK_TIMEOUT_MS = 2_000;
const RETRY_MS = 250;

export interface PublisherOptions {
  /** Bytes of events that wait at most; what comes then is dropped. */
  readonly bufferBytes: number;
  /** Told of each group that is in the stream. */
  readonly stored: (ack: PubAck, group: EventGroup) => void;
  /** Told of each attempt that failed. */
  readonly failed: () => void;
}

type Note = Pick<EventGroup, 'epoch' | 'suspected'>;

/**
 * Sends a node's events to the stream in groups: what gathers while one group is on its way is the next.
 * A group that may not have arrived is sent again as it was, under the same message id.
 */
export class EventPublisher {
  /** Groups that are in the stream. */
  groups = 0;
  /** Events that found the buffer full. */
  dropped = 0;
  readonly #subject: string;
  #waiting: WrittenEvent[] = [];
  #waitingBytes = 0;
  /** On its way; it may have arrived. */
  #group: EventGroup | null = null;
  #underWay: readonly WrittenEvent[] = [];
  #notes: Note[] = [];
  #notesSent = 0;
  /** How many events were taken, and how many of them have been sent or are on their way. */
  #taken = 0;
  #sent = 0;
  #isSending = false;
  #isPaused = false;
  #isClosed = false;
  #retry: NodeJS.Timeout | null = null;
  #wake: (() => void) | null = null;

  constructor(
    private readonly link: NatsLink,
    private readonly options: PublisherOptions,
  ) {
    this.#subject = link.subject('ev', link.node);
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Number of the latest event that was taken; the first one's is 1. */
  get taken(): number {
    return this.#taken;
  }

  get isIdle(): boolean {
    return this.#group === null && this.#waiting.length === 0 && this.#notes.length === 0;
  }

  /** False when there was no room for it. */
  take(event: WrittenEvent): boolean {
    if (this.#waitingBytes + event.size > this.options.bufferBytes) {
      this.dropped += 1;
      return false;
    }
    this.#waitingBytes += event.size;
    this.#waiting.push(event);
    this.#taken += 1;
    this.#start();
    return true;
  }

  /** Sends a group that is no event's, behind what waits. */
  note(note: Note): void {
    this.#notes.push(note);
    this.#start();
  }

  /** The events that were taken and may not have been sent. */
  get pending(): readonly WrittenEvent[] {
    return [...this.#underWay, ...this.#waiting];
  }

  /** Nothing is sent until {@link resume}; the group that is on its way may have arrived. */
  pause(): void {
    this.#isPaused = true;
    this.#wakeUp();
  }

  resume(): void {
    this.#isPaused = false;
    this.#wakeUp();
    this.#start();
  }

  close(): void {
    this.#isClosed = true;
    this.#wakeUp();
  }

  #start(): void {
    if (this.#isSending || this.#isPaused || this.#isClosed) return;
    this.#isSending = true;
    // what else is published in this turn belongs into the same group
    queueMicrotask(() => void this.#send());
  }

  async #send(): Promise<void> {
    while (!this.#isPaused && !this.#isClosed) {
      const group = this.#nextGroup();
      if (group === null) break;
      await this.#deliver(group);
    }
    this.#isSending = false;
  }

  /** The one that may not have arrived, else what has gathered, else a note. */
  #nextGroup(): EventGroup | null {
    if (this.#group !== null) return this.#group;
    const events = this.#takeWaiting();
    const note = events.length === 0 ? this.#notes.shift() : undefined;
    if (events.length === 0 && note === undefined) return null;
    const first = this.#sent + 1;
    this.#sent += events.length;
    this.#underWay = events;
    const { boot } = this.link;
    this.#group = { boot, first, events, ...note };
    return this.#group;
  }

  #takeWaiting(): WrittenEvent[] {
    let bytes = 0;
    let count = 0;
    for (const { size } of this.#waiting) {
      bytes += size;
      if (count > 0 && (bytes > MAX_BYTES || count >= MAX_EVENTS)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /** Sends it until it has arrived, or nothing is to be sent for now. */
  async #deliver(group: EventGroup): Promise<void> {
    const text = writeGroup(group);
    while (!this.#isPaused && !this.#isClosed) {
      try {
        const ack = await this.link.jetstream.publish(this.#subject, text, {
          msgID: this.#messageId(group),
          timeout: ACK_TIMEOUT_MS,
        });
        this.#arrived();
        this.options.stored(ack, group);
        return;
      } catch (error) {
        this.link.logger.debug(`Events are not taken: ${messageOf(error)}`);
        this.options.failed();
        await this.#pauseFor(RETRY_MS);
      }
    }
  }

  #messageId({ boot, first, epoch, suspected }: EventGroup): string {
    const isNote = epoch !== undefined || suspected !== undefined;
    return [this.link.node, boot, isNote ? `note${this.#notesSent}` : first].join('.');
  }

  #arrived(): void {
    if (this.#group?.events.length === 0) this.#notesSent += 1;
    for (const { size } of this.#underWay) this.#waitingBytes -= size;
    this.#underWay = [];
    this.#group = null;
    this.groups += 1;
  }

  #pauseFor(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#retry = setTimeout(resolve, ms);
    });
  }

  #wakeUp(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#wake?.();
  }
}
