import type { PubAck } from '@nats-io/jetstream';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeExtended, messageOf } from '../../common/index.js';
import type { DispatcherEvent } from '../../sdk/index.js';
import {
  EventFanout,
  type JournalLimits,
  type JournalReplay,
  type LostEvents,
  type PublishedEvent,
  type UnplacedEvent,
  type WantedListener,
  type Wanting,
} from '../event-fanout.js';
import { textOf } from '../journal/journal-entry.js';
import { LocalEventFanout } from '../local/local-event-fanout.js';
import { EpochKeeper } from './events/epoch-keeper.js';
import { type EventGroup, type WrittenEvent, writeEvent } from './events/event-group.js';
import { EventIntake } from './events/event-intake.js';
import { EventPublisher } from './events/event-publisher.js';
import { EventReader } from './events/event-reader.js';
import {
  EventStream,
  newEpoch,
  type StreamAsItIs,
  type StreamLimits,
} from './events/event-stream.js';
import { InterestFeed } from './events/interest-feed.js';
import { NodeEvents } from './events/node-events.js';
import { readCursor } from './events/stream-journal.js';
import { Waiters } from './events/waiters.js';
import type { NatsLink } from './nats-link.js';

/** How long who asks from a cursor waits for this node to come that far. */
const APPROACH_MS = 2_000;
const SETTLE_MS = 1_000;
/** For what happened before this node joined. */
const HISTORY_MS = 10_000;
const RETRY_MS = 250;
/** What NATS takes in one message, besides the events. */
const ENVELOPE_BYTES = 8_192;

export interface NatsEventOptions {
  /** What this node remembers. */
  readonly journal: JournalLimits;
  /** What NATS keeps, for all nodes. */
  readonly stream: StreamLimits;
  /** Bytes of events that wait for NATS at most. */
  readonly bufferBytes: number;
  /** Without NATS for that long, this node delivers its own events to its own clients. */
  readonly islandAfterMs: number;
  /** Whether this node leads. */
  readonly mayRenewEpoch: () => boolean;
}

type Receiver = (event: PublishedEvent) => void;

/**
 * The order of events of a cluster: that of one stream, from which every node delivers, the publisher's
 * included. Where this node is with it:
 *
 *     joined ─▶ cut (events wait) ─▶ island (own events are delivered, and wait) ─▶ joined
 *                └────────────────────────────────────────────────────────────────▶ joined
 */
export class NatsEventFanout extends EventFanout {
  readonly #stream: EventStream;
  readonly #publisher: EventPublisher;
  readonly #reader: EventReader;
  readonly #intake: EventIntake;
  readonly #keeper: EpochKeeper;
  readonly #interest: InterestFeed;
  readonly #nodeEvents: NodeEvents;
  readonly #waiters = new Waiters();
  readonly #lostListeners = new Set<(lost: LostEvents) => void>();
  readonly #unwatch: () => void;
  #receiver: Receiver | null = null;
  /** Own events that were published and not delivered yet, in order. */
  #awaited: WrittenEvent[] = [];
  /** The order of this node alone. */
  #island: LocalEventFanout | null = null;
  /** Number of the latest own event that was delivered without the stream. */
  #deliveredAlone = 0;
  #lost: LostEvents | null = null;
  #troubled: NodeJS.Timeout | null = null;
  #joins = 0;
  #isClosed = false;

  /** @throws (rejects with) Error when the stream can neither be found nor made */
  static async open(link: NatsLink, options: NatsEventOptions): Promise<NatsEventFanout> {
    const stream = new EventStream(link, options.stream);
    const found = await stream.open();
    const fanout = new NatsEventFanout(link, options, { stream, found });
    await fanout.#readHistory(found);
    return fanout;
  }

  private constructor(
    private readonly link: NatsLink,
    private readonly options: NatsEventOptions,
    { stream, found }: { readonly stream: EventStream; readonly found: StreamAsItIs },
  ) {
    super();
    this.#stream = stream;
    this.#publisher = new EventPublisher(link, {
      bufferBytes: options.bufferBytes,
      stored: (ack, group) => this.#onStored(ack, group),
      failed: () => this.#onTrouble(),
    });
    const parts = { stream, publisher: this.#publisher };
    this.#keeper = new EpochKeeper(link, parts, { mayRenew: options.mayRenewEpoch });
    this.#intake = new EventIntake(link, found, {
      journal: options.journal,
      wasDelivered: (number) => number <= this.#deliveredAlone,
      deliver: (event) => this.#receiver?.(event),
      missed: () => this.#lose(null),
      suspected: () => this.#keeper.suspected(),
      epochBegun: () => this.#keeper.begun(),
      taken: () => this.#onTaken(),
    });
    this.#reader = new EventReader(link, stream.name, (message) => this.#intake.take(message));
    this.#interest = new InterestFeed(link);
    this.#nodeEvents = new NodeEvents(link, this.#interest, {
      cursor: () => this.cursor,
      deliver: (event) => this.#receiver?.(event),
    });
    this.#unwatch = link.onConnected((isConnected) => {
      if (isConnected) void this.#join();
      else this.#onCut();
    });
  }

  get cursor(): string {
    return this.#island?.cursor ?? this.#intake.journal.cursor;
  }

  get epoch(): string {
    return this.#intake.journal.epoch;
  }

  /** Whether this node delivers its own events alone. */
  get isIsland(): boolean {
    return this.#island !== null;
  }

  /** Groups in the stream that were not here when the latest one was sent. */
  get lag(): number {
    return this.#intake.lag;
  }

  get bufferBytes(): number {
    return this.#publisher.waitingBytes;
  }

  /** Groups that this node has published. */
  get groups(): number {
    return this.#publisher.groups;
  }

  /** How often the epoch changed since the start, that of an island included. */
  get epochs(): number {
    return this.#keeper.epochs;
  }

  /** Events that found the buffer full. */
  get dropped(): number {
    return this.#publisher.dropped;
  }

  publish(event: UnplacedEvent, cause: string | null): PublishedEvent | null {
    const written = writeEvent(event, cause);
    if (event.scope === 'node') return this.#nodeEvents.publish(written);
    const limit = (this.link.connection.info?.max_payload ?? 1_048_576) - ENVELOPE_BYTES;
    if (written.size > limit) {
      this.link.logger.error('Event is too large for other nodes', { event: event.name, limit });
      return this.#nodeEvents.publish(written);
    }
    const isTaken = this.#publisher.take(written);
    if (!isTaken) this.#onFull();
    if (this.#island !== null) {
      this.#deliveredAlone = this.#publisher.taken;
      return this.#island.publish(event, cause);
    }
    if (isTaken) this.#awaited.push(written);
    return null;
  }

  deliverTo(receiver: Receiver): () => void {
    this.#receiver = receiver;
    return () => {
      if (this.#receiver === receiver) this.#receiver = null;
    };
  }

  onLost(listener: (lost: LostEvents) => void): () => void {
    this.#lostListeners.add(listener);
    return () => void this.#lostListeners.delete(listener);
  }

  unplaced(event: DispatcherEvent, cause: string | null): string {
    return textOf(event, this.cursor, cause);
  }

  approach(cursor: string): Promise<void> | null {
    const wanted = readCursor(cursor);
    const { journal, lag } = this.#intake;
    if (this.#island !== null) return null;
    if (wanted.epoch !== journal.epoch && lag === 0) return null;
    const hasCome = (): boolean => wanted.epoch === journal.epoch && journal.hasReached(wanted);
    return hasCome() ? null : this.#waiters.until(hasCome, APPROACH_MS);
  }

  positionOf(cursor: string): number | null {
    const place = readCursor(cursor);
    const island = this.#island;
    if (island !== null) return place.epoch === island.epoch ? island.positionOf(cursor) : null;
    return this.#keeper.isSuspected ? null : this.#intake.journal.positionOf(place);
  }

  replay(position: number | null, wants: Wanting): JournalReplay {
    return (this.#island ?? this.#intake.journal).replay(position, wants);
  }

  because(cause: string, wants: Wanting): JournalReplay {
    return (this.#island ?? this.#intake.journal).because(cause, wants);
  }

  settled(): Promise<void> {
    const upTo = this.#publisher.taken;
    return this.#waiters.until(() => this.#isDelivered(upTo), SETTLE_MS);
  }

  want(mask: string, isWanted: boolean): void {
    this.#interest.want(mask, isWanted);
  }

  onWanted(listener: WantedListener): () => void {
    return this.#interest.onWanted(listener);
  }

  /** Sends what waits, for a moment, and reads no more. */
  async close(): Promise<void> {
    if (this.link.isConnected && this.#island === null) await this.settled();
    this.#isClosed = true;
    this.#joins += 1;
    this.#calmDown();
    this.#unwatch();
    this.#publisher.close();
    this.#reader.stop();
    this.#keeper.close();
    this.#interest.close();
    this.#nodeEvents.close();
    this.#waiters.endAll();
  }

  async #readHistory(found: StreamAsItIs): Promise<void> {
    this.#reader.start(this.#intake.journal.sequence + 1);
    await this.#waiters.until(() => this.#hasRead(found), HISTORY_MS);
  }

  #hasRead(found: StreamAsItIs | null): boolean {
    return this.#intake.journal.sequence >= (found?.state.last_seq ?? 0);
  }

  #isDelivered(number: number): boolean {
    const { node, boot } = this.link;
    return number <= Math.max(this.#deliveredAlone, this.#intake.seen.last(node, boot));
  }

  #onTaken(): void {
    const { node, boot } = this.link;
    const first = this.#publisher.taken - this.#awaited.length + 1;
    const delivered = this.#intake.seen.last(node, boot) - first + 1;
    if (delivered > 0) this.#awaited.splice(0, delivered);
    this.#waiters.check();
    this.#tellLost();
  }

  /** A group that is stored where another one was seen before says that the stream was put back. */
  #onStored({ seq, duplicate }: PubAck, { first, events }: EventGroup): void {
    this.#calmDown();
    const isHere = this.#isDelivered(first + events.length - 1);
    if (!duplicate && !isHere && seq <= this.#intake.journal.sequence) void this.#join();
  }

  #onCut(): void {
    this.#joins += 1;
    this.#publisher.pause();
    this.#reader.stop();
    this.#onTrouble();
  }

  #onTrouble(): void {
    if (this.#island !== null || this.#isClosed) return;
    this.#troubled ??= setTimeout(() => this.#beIsland(), this.options.islandAfterMs).unref();
  }

  #calmDown(): void {
    if (this.#troubled !== null) clearTimeout(this.#troubled);
    this.#troubled = null;
  }

  #onFull(): void {
    if (!this.link.isConnected) this.#beIsland();
    this.#lose(1);
    this.#keeper.suspect(this.epoch);
  }

  /** Told later: who is told may publish it, for which there has to be room. */
  #lose(count: number | null): void {
    const before = this.#lost === null ? 0 : this.#lost.count;
    this.#lost = { count: before === null || count === null ? null : before + count };
  }

  #tellLost(): void {
    const lost = this.#lost;
    this.#lost = null;
    if (lost !== null) for (const listener of [...this.#lostListeners]) listener(lost);
  }

  #beIsland(): void {
    if (this.#island !== null || this.#isClosed) return;
    this.#calmDown();
    this.link.logger.warn('NATS is away: events of this node reach its own clients only');
    this.#publisher.pause();
    this.#reader.stop();
    this.#island = new LocalEventFanout(newEpoch(), this.options.journal);
    this.#keeper.epochs += 1;
    this.#deliveredAlone = this.#publisher.taken;
    for (const event of this.#awaited.splice(0)) this.#deliverAlone(event, this.#island);
    this.#waiters.check();
    if (this.link.isConnected) void this.#join();
  }

  #deliverAlone({ head, args }: WrittenEvent, island: LocalEventFanout): void {
    const { name, cause = null, audience = null } = head;
    const decoded = decodeExtended(JSON.parse(args)) as DispatcherEvent['args'];
    const event = { name, args: decoded, audience };
    this.#receiver?.(island.publish(event, cause));
  }

  /** Goes on with the stream, as soon as it answers. */
  async #join(): Promise<void> {
    this.#joins += 1;
    const join = this.#joins;
    const isPast = (): boolean => join !== this.#joins || this.#isClosed;
    while (!isPast() && this.link.isConnected) {
      try {
        await this.#goOn(isPast);
        return;
      } catch (error) {
        if (!isPast()) this.#onTrouble();
        this.link.logger.debug(`The stream of events is not there: ${messageOf(error)}`);
        await delay(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  async #goOn(isPast: () => boolean): Promise<void> {
    const intake = this.#intake;
    const found = await this.#stream.look();
    const present = found ?? (await this.#stream.open());
    const isSame = found !== null && (await this.#stream.has(intake.latest, found));
    if (isPast()) return;
    const { epoch } = this;
    if (!isSame) {
      this.link.logger.warn('The stream of events is not the one that it was');
      intake.startAgain(present);
    } else if (present.epoch !== epoch) {
      intake.journal.restart(present.epoch, intake.journal.sequence);
    }
    if (present.epoch !== epoch) this.#keeper.begun();
    else if (!isSame) this.#keeper.suspect(epoch);
    this.#island = null;
    this.#calmDown();
    this.#reader.start(intake.journal.sequence + 1);
    this.#publisher.resume();
  }
}
