import { Inject, Injectable } from '@nestjs/common';
import { rightsOf } from '../../auth/index.js';
import {
  EventFanout,
  type JournalReplay,
  type PublishedEvent,
  type Wanting,
} from '../../cluster/index.js';
import {
  coded,
  compileMask,
  decodeExtended,
  isRecord,
  MAX_MASK_LENGTH,
} from '../../common/index.js';
import { assertForeign, EventRouter, type EventSink } from '../../events/index.js';
import type { DispatcherEvent, Sender } from '../../sdk/index.js';
import type { Connection } from './connection.js';
import { isAmong } from './event-audience.js';
import { EventBatch } from './event-batch.js';
import type { Frame } from './frame.js';
import { PROTOCOL_LIMITS, type ProtocolLimits } from './protocol-limits.js';
import { SubscriptionIndex } from './subscription-index.js';

type EventLimits = Pick<ProtocolLimits, 'masks' | 'nameCharacters'>;

/** Each of them is looked at before the first is published. */
const MAX_BURST = 1_000;

const DEFAULT_LIMITS: EventLimits = { masks: 1_000, nameCharacters: MAX_MASK_LENGTH };

export interface ReplayRequest {
  readonly masks: readonly string[];
  /** A cursor. */
  readonly since: string;
  /** Who asks: the events of a task, for one, are for those only who may see it. */
  readonly subscriber: Sender;
}

/**
 * The `events` namespace, both ways: subscriptions and publications of clients, and the delivery of
 * every event to the connections that want it. An event is turned into bytes once.
 */
@Injectable()
export class EventFrames implements EventSink {
  readonly #subscriptions = new SubscriptionIndex<Connection>();
  #delivered = 0;

  constructor(
    private readonly events: EventRouter,
    private readonly fanout: EventFanout,
    @Inject(PROTOCOL_LIMITS) private readonly options: EventLimits = DEFAULT_LIMITS,
  ) {}

  /** Events sent since the start, counted once for each client. */
  get delivered(): number {
    return this.#delivered;
  }

  subscribe(connection: Connection, frame: Frame): void {
    const masks = readMasks(connection, frame);
    this.#assertMasks(masks, connection.masks);
    for (const mask of masks) this.#add(connection, mask);
  }

  /**
   * Subscribes a connection from exactly the end of the replay on. Nothing is published between this
   * and the answer as long as the caller sends it before it waits for anything.
   *
   * @throws RpcException EINVAL for a bad cursor or mask, or for too many masks
   */
  resume(connection: Connection, { masks, since, subscriber }: ReplayRequest): JournalReplay {
    this.#assertMasks(masks, connection.masks);
    const position = this.fanout.positionOf(since);
    const added = new Set(masks.filter((mask) => !connection.masks.has(mask)));
    // First: what a source publishes when it is enabled belongs into the replay, or it would be
    // sent before it.
    for (const mask of added) this.events.interest.add(mask);
    const replay = this.fanout.replay(position, wanting(masks, subscriber));
    for (const mask of added) this.#index(connection, mask);
    return replay;
  }

  /** @throws RpcException EINVAL for a bad cursor or mask, or for too many masks */
  replay({ masks, since, subscriber }: ReplayRequest): JournalReplay {
    this.#assertMasks(masks, new Set());
    return this.fanout.replay(this.fanout.positionOf(since), wanting(masks, subscriber));
  }

  /** What was published because of one thing, as far as it is for the subscriber. */
  because(cause: string, subscriber: Sender): JournalReplay {
    return this.fanout.because(cause, wanting(['*'], subscriber));
  }

  /** An event for these connections only, as far as they are subscribed to it. */
  sendTo(connections: Iterable<Connection>, { name, args }: DispatcherEvent): void {
    const subscribers = this.#subscriptions.subscribersOf(name);
    if (subscribers.size === 0) return;
    const event = new EventBatch(this.events.textForOne(name, args));
    for (const connection of connections) {
      if (!subscribers.has(connection)) continue;
      connection.sendEvent(event);
      this.#delivered += 1;
    }
  }

  unsubscribe(connection: Connection, frame: Frame): void {
    for (const mask of readMasks(connection, frame)) {
      if (connection.masks.delete(mask)) this.#remove(connection, mask);
    }
  }

  publish(connection: Connection, { args }: Frame): void {
    assertPublisher(connection);
    const { name, args: of } = this.#readEvent(connection, decodeExtended(args));
    this.events.publishForeign(name, of, connection);
  }

  /** All of it or nothing: every event is looked at before the first is published. */
  publishBurst(connection: Connection, { args }: Frame): void {
    assertPublisher(connection);
    const decoded = decodeExtended(args);
    const events = isRecord(decoded) ? decoded['events'] : undefined;
    if (!Array.isArray(events)) throw coded('MALFORMED_REQUEST');
    if (events.length > MAX_BURST) throw coded('BURST_TOO_LARGE', { limit: MAX_BURST });
    const read = (events as unknown[]).map((event) => this.#readEvent(connection, event));
    for (const { name, args: of } of read) this.events.publishForeign(name, of, connection);
  }

  deliver(event: PublishedEvent): void {
    const subscribers = this.#subscriptions.subscribersOf(event.name);
    if (subscribers.size === 0) return;
    const { audience } = event;
    if (audience !== null) {
      this.#deliverTo(
        Array.from(subscribers).filter(({ sender }) => isAmong(audience, sender)),
        event,
      );
      return;
    }
    this.#deliverTo(subscribers, event);
  }

  #deliverTo(connections: Iterable<Connection>, event: PublishedEvent): void {
    let batch: EventBatch | null = null; // the text is not made for nobody
    for (const connection of connections) {
      batch ??= new EventBatch(event.json);
      connection.sendEvent(batch);
      this.#delivered += 1;
    }
  }

  forget(connection: Connection): void {
    const masks = [...connection.masks];
    connection.masks.clear();
    for (const mask of masks) this.#remove(connection, mask);
  }

  /** @throws RpcException EINVAL for a mask that is too long, or for too many with the present ones */
  #assertMasks(masks: readonly string[], present: ReadonlySet<string>): void {
    const { nameCharacters, masks: limit } = this.options;
    const added = new Set<string>();
    for (const mask of masks) {
      if (mask.length > nameCharacters) throw coded('MASK_TOO_LONG', { limit: nameCharacters });
      if (!present.has(mask)) added.add(mask);
      if (present.size + added.size > limit) throw coded('TOO_MANY_MASKS', { limit });
    }
  }

  /**
   * @throws RpcException EINVAL when it is no event, EPERM when its name belongs to the server, EACCES
   *   when the sender may not publish it
   */
  #readEvent({ sender }: Connection, event: unknown): DispatcherEvent {
    if (!isRecord(event)) throw coded('MALFORMED_REQUEST');
    const { name, args } = event;
    if (typeof name !== 'string' || !isRecord(args)) throw coded('MALFORMED_REQUEST');
    assertForeign(name, this.options.nameCharacters);
    if (!rightsOf(sender).mayPublish(name)) throw coded('INSUFFICIENT_PRIVILEGES');
    return { name, args };
  }

  #add(connection: Connection, mask: string): void {
    if (connection.masks.has(mask)) return;
    this.#index(connection, mask);
    this.events.interest.add(mask); // last: a source that starts may publish at once
  }

  #index(connection: Connection, mask: string): void {
    connection.masks.add(mask);
    this.#subscriptions.add(mask, connection);
  }

  #remove(connection: Connection, mask: string): void {
    this.#subscriptions.remove(mask, connection);
    this.events.interest.remove(mask);
  }
}

/** Few names make up nearly all events: each is held against the masks once. */
function wanting(masks: readonly string[], subscriber: Sender): Wanting {
  const matchers = [...new Set(masks)].map(compileMask);
  const known = new Map<string, boolean>();
  return (name, audience) => {
    let isWanted = known.get(name);
    if (isWanted === undefined) {
      isWanted = matchers.some((matches) => matches(name));
      known.set(name, isWanted);
    }
    return isWanted && (audience === null || isAmong(audience, subscriber));
  };
}

function readMasks(connection: Connection, { args }: Frame): readonly string[] {
  if (!connection.isLoggedIn) throw coded('NOT_LOGGED_IN');
  const isMasks = Array.isArray(args) && args.every((mask) => typeof mask === 'string');
  if (!isMasks) throw coded('MALFORMED_REQUEST');
  return args;
}

/** Services and admins may publish anything, others what one of their roles names. */
function assertPublisher({ isLoggedIn, sender }: Connection): void {
  if (!isLoggedIn) throw coded('NOT_LOGGED_IN');
  if (rightsOf(sender).isMute) throw coded('INSUFFICIENT_PRIVILEGES');
}
