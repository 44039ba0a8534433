import { rightsOf } from '../auth/index.js';
import { coded, decodeExtended, MAX_MASK_LENGTH } from '../common/index.js';
import {
  assertForeign,
  type EventRouter,
  type EventSink,
  type PublishedEvent,
} from '../events/index.js';
import type { DispatcherEvent } from '../sdk/index.js';
import type { Connection } from './connection.js';
import { eventFrame, type Frame } from './frame.codec.js';
import { SubscriptionIndex } from './subscription-index.js';
import { textFrame } from './websocket-frame.js';

/** Of one connection: every event is looked up in the masks of all. */
const MAX_MASKS = 1_000;

/**
 * The `events` namespace, both ways: subscriptions and publications of clients, and the delivery of
 * every event to the connections that want it. An event is turned into bytes once, when the first
 * of them turns up.
 */
export class EventFrames implements EventSink {
  readonly #subscriptions = new SubscriptionIndex<Connection>();

  constructor(private readonly events: EventRouter) {}

  subscribe(connection: Connection, frame: Frame): void {
    const masks = readMasks(connection, frame);
    if (masks.some((mask) => mask.length > MAX_MASK_LENGTH)) {
      throw coded('MASK_TOO_LONG', { limit: MAX_MASK_LENGTH });
    }
    if (new Set([...connection.masks, ...masks]).size > MAX_MASKS) {
      throw coded('TOO_MANY_MASKS', { limit: MAX_MASKS });
    }
    for (const mask of masks) this.#add(connection, mask);
  }

  unsubscribe(connection: Connection, frame: Frame): void {
    for (const mask of readMasks(connection, frame)) {
      if (connection.masks.delete(mask)) this.#remove(connection, mask);
    }
  }

  publish(connection: Connection, { args }: Frame): void {
    assertPublisher(connection);
    const { name, args: of } = readEvent(connection, decodeExtended(args));
    this.events.publishForeign(name, of);
  }

  /** All of it or nothing: every event is looked at before the first is published. */
  publishBurst(connection: Connection, { args }: Frame): void {
    assertPublisher(connection);
    const decoded = decodeExtended(args);
    const events = isObject(decoded) ? decoded['events'] : undefined;
    if (!Array.isArray(events)) throw coded('MALFORMED_REQUEST');
    const read = (events as unknown[]).map((event) => readEvent(connection, event));
    for (const { name, args: of } of read) this.events.publishForeign(name, of);
  }

  deliver(event: PublishedEvent): void {
    const subscribers = this.#subscriptions.subscribersOf(event.name);
    if (subscribers.size === 0) return;
    const bytes = textFrame(eventFrame(event.json));
    for (const connection of subscribers) connection.send(bytes);
  }

  /** Sends an event to one connection, if it has subscribed to its name; false when it has not. */
  deliverTo(
    connection: Connection,
    name: string,
    args: Readonly<Record<string, unknown>>,
  ): boolean {
    if (!this.#subscriptions.subscribersOf(name).has(connection)) return false;
    connection.send(textFrame(eventFrame(this.events.aside(name, args))));
    return true;
  }

  forget(connection: Connection): void {
    const masks = [...connection.masks];
    connection.masks.clear();
    for (const mask of masks) this.#remove(connection, mask);
  }

  #add(connection: Connection, mask: string): void {
    if (connection.masks.has(mask)) return;
    connection.masks.add(mask);
    this.#subscriptions.add(mask, connection);
    this.events.interest.add(mask); // last: a source that starts may publish at once
  }

  #remove(connection: Connection, mask: string): void {
    this.#subscriptions.remove(mask, connection);
    this.events.interest.remove(mask);
  }
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

/**
 * @throws RpcException EINVAL when it is no event, EPERM when its name belongs to the server, EACCES
 *   when the sender may not publish it
 */
function readEvent({ sender }: Connection, event: unknown): DispatcherEvent {
  if (!isObject(event)) throw coded('MALFORMED_REQUEST');
  const { name, args } = event;
  if (typeof name !== 'string' || !isObject(args)) throw coded('MALFORMED_REQUEST');
  assertForeign(name);
  if (!rightsOf(sender).mayPublish(name)) throw coded('INSUFFICIENT_PRIVILEGES');
  return { name, args };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
