import type { Cause } from '../common/index.js';
import type { DispatcherEvent, Sender } from '../sdk/index.js';

/** Who publishes: a plugin's scope, a client's connection. Known by identity only. */
export type Publisher = object;

/** An event on its way; null when the server itself published it, which waits for nobody. */
export interface RoutedEvent extends DispatcherEvent {
  readonly publisher: Publisher | null;
  /** What it was published because of; its handlers run because of the same. */
  readonly cause: Cause | null;
  /** Who of those that asked for the name is told; null: all of them. */
  readonly audience: Audience | null;
}

/** Whether an event is for that subscriber. Asked for each delivery, with the rights of that moment. */
export type Audience = (subscriber: Sender) => boolean;

/** So many events of a publisher wait at most; then it is let go on, whatever its handlers do. */
const MAX_WAITING = 1_000;

interface Lane {
  readonly waiting: RoutedEvent[];
  /** Handlers that have not settled with the latest event. */
  unsettled: number;
  /** The event whose turn it is, while it is on its way through the router. */
  passing: RoutedEvent | null;
  isOverfull: boolean;
}

export interface PublisherLanesDependencies {
  /** Puts an event on its way once more. */
  readonly route: (event: RoutedEvent) => void;
  /** Told once when a publisher stopped waiting because too much had gathered. */
  readonly overfull: (event: RoutedEvent) => void;
}

/**
 * Keeps back what a publisher publishes while a synchronous handler has not settled with its last
 * event. Everybody else goes on meanwhile. There is a lane only while somebody has to wait, so that
 * events cost nothing more when nobody does.
 */
export class PublisherLanes {
  readonly #lanes = new Map<Publisher, Lane>();

  constructor(private readonly dependencies: PublisherLanesDependencies) {}

  /** Whether the event has to wait; if so it is routed again when its turn comes. */
  keepsBack(event: RoutedEvent): boolean {
    if (this.#lanes.size === 0 || event.publisher === null) return false;
    const lane = this.#lanes.get(event.publisher);
    if (lane === undefined || lane.passing === event) return false;
    lane.waiting.push(event);
    if (lane.waiting.length >= MAX_WAITING && !lane.isOverfull) {
      lane.isOverfull = true;
      this.dependencies.overfull(event);
      this.#goOn(event.publisher, lane);
    }
    return true;
  }

  /** Makes the publisher's next event wait until `settled` is over, however that comes out. */
  hold(publisher: Publisher, settled: Promise<unknown>): void {
    const lane = this.#lanes.get(publisher) ?? newLane();
    this.#lanes.set(publisher, lane);
    lane.unsettled += 1;
    const release = (): void => {
      lane.unsettled -= 1;
      this.#goOn(publisher, lane);
    };
    settled.then(release, release);
  }

  /** The event has reached everybody: the next one may follow, unless it has to wait again. */
  passed(event: RoutedEvent): void {
    if (this.#lanes.size === 0 || event.publisher === null) return;
    const lane = this.#lanes.get(event.publisher);
    if (lane?.passing !== event) return;
    lane.passing = null;
    this.#goOn(event.publisher, lane);
  }

  #goOn(publisher: Publisher, lane: Lane): void {
    if (lane.passing !== null || (lane.unsettled > 0 && !lane.isOverfull)) return;
    const next = lane.waiting.shift();
    if (next !== undefined) {
      lane.passing = next;
      this.dependencies.route(next);
      return;
    }
    lane.isOverfull = false;
    if (lane.unsettled === 0) this.#lanes.delete(publisher);
  }
}

function newLane(): Lane {
  return { waiting: [], unsettled: 0, passing: null, isOverfull: false };
}
