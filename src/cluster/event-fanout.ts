import type { DispatcherEvent } from '../sdk/index.js';
import type { Unsubscribe } from './unsubscribe.js';

/**
 * Whom of those that ask for its name an event is for. Data, because it travels: each node resolves it for
 * each delivery, with the rights that the subscriber has at that moment.
 */
export type Audience =
  /** Who may see a task of that class and owner. */
  | { readonly kind: 'task'; readonly name: string; readonly owner: string | null }
  /** A user, and administrators. */
  | { readonly kind: 'user'; readonly name: string }
  /** The role `reader` and those above it. */
  | { readonly kind: 'readers' }
  /** Services and plugins. */
  | { readonly kind: 'services' };

export const READERS: Audience = { kind: 'readers' };
export const SERVICES: Audience = { kind: 'services' };

/** An event that has not found its place in the order of all yet. */
export interface UnplacedEvent extends DispatcherEvent {
  /** Null or absent: everybody who asked for the name is told. */
  readonly audience?: Audience | null;
  /** `node`: it has no place, is not repeated, and leaves the node only while another one wants it. */
  readonly scope?: EventScope;
}

export type EventScope = 'all' | 'node';

/** Events that did not reach clients which were subscribed to them. */
export interface LostEvents {
  /** Null when nobody knows. */
  readonly count: number | null;
}

/** Told of what begins or ceases to be wanted at other nodes. */
export type WantedListener = (mask: string, isWanted: boolean) => void;

/** An event with its place in the order of all events, in the form that clients see. */
export interface PublishedEvent extends DispatcherEvent {
  /** Null: everybody who asked for the name is told. */
  readonly audience: Audience | null;
  /** What it was published because of. */
  readonly cause: string | null;
  /**
   * JSON text of `{name, args, cursor, cause?, node?}`: made once, used for every client and for replays,
   * and not made at all while nobody asks for it.
   */
  readonly json: string;
}

/** What happened after a cursor. With a gap nobody can tell, and `events` is empty. */
export interface JournalReplay {
  /** JSON text of each event, in order. */
  readonly events: readonly string[];
  /** Up to where: nothing before it is missing, nothing after it is included. */
  readonly cursor: string;
  readonly gap: boolean;
}

/** By the event's name and whom it is for. */
export type Wanting = (name: string, audience: Audience | null) => boolean;

/** How far a journal reaches back. */
export interface JournalLimits {
  readonly events: number;
  /** About: what an event takes is guessed from its characters. */
  readonly bytes: number;
}

/** Gives events their places in one order, the same at all nodes, and remembers the latest of them. */
export abstract class EventFanout {
  /** The place right behind the latest event that this node has delivered. */
  abstract readonly cursor: string;

  /**
   * Takes an event of this node.
   *
   * @param cause - what it was published because of; clients see it beside the cursor
   * @returns the event where it has its place at once, to be delivered by the caller; null where it comes
   *   back to the receiver, in its place among those of other nodes
   * @throws RangeError or TypeError when the args have no JSON form; it takes no place then
   */
  abstract publish(event: UnplacedEvent, cause: string | null): PublishedEvent | null;

  /** Who is handed what has found its place later, and the events of other nodes; there is one at a time. */
  abstract deliverTo(receiver: (event: PublishedEvent) => void): Unsubscribe;

  /** The text of an event that is for somebody in particular: it has no place in the order of all. */
  abstract unplaced(event: DispatcherEvent, cause: string | null): string;

  /**
   * Whether another node may have given the cursor out for an event that is on its way here still: then a
   * promise that resolves when this node has come that far or has waited for long enough. Nothing is
   * delivered between that and what who waited does at once.
   */
  abstract approach(cursor: string): Promise<void> | null;

  /**
   * Where a cursor stands, for {@link replay}; null when nobody can tell any more what came after it.
   *
   * @throws RpcException EINVAL when it is no cursor, or one that was never given out
   */
  abstract positionOf(cursor: string): number | null;

  /** The events behind a position that are wanted. */
  abstract replay(position: number | null, wants: Wanting): JournalReplay;

  /** Resolves when what was published before is delivered here, or cannot be for now. */
  abstract settled(): Promise<void>;

  /** Tells other nodes that somebody here begins to want the events of a mask, or that nobody does. */
  abstract want(mask: string, isWanted: boolean): void;

  /** Told of the masks that another node wants, once for each node that does. */
  abstract onWanted(listener: WantedListener): Unsubscribe;

  /** Told when events were lost, once this node can say so to others. */
  abstract onLost(listener: (lost: LostEvents) => void): Unsubscribe;

  /** The remembered events that were published because of one thing, in order. */
  abstract because(cause: string, wants: Wanting): JournalReplay;
}
