import type { Audience, EventScope } from '../cluster/index.js';
import type { Cause } from '../common/index.js';
import type { DispatcherEvent } from '../sdk/index.js';

/** Who publishes: a plugin's scope, a client's connection. Known by identity only. */
export type Publisher = object;

/** An event on its way; null when the server itself published it, which waits for nobody. */
export interface RoutedEvent extends DispatcherEvent {
  readonly publisher: Publisher | null;
  /** What it was published because of; its handlers run because of the same. */
  readonly cause: Cause | null;
  /** Who of those that asked for the name is told; null: all of them. */
  readonly audience: Audience | null;
  readonly scope: EventScope;
}

/** So many events of a publisher wait at most; then it is let go on, whatever its handlers do. */
const MAX_WAITING = 1_000;

interface PublisherQueue {
  readonly waiting: RoutedEvent[];
  /** Handlers that have not settled with the latest event. */
  unsettled: number;
  /** The event whose turn it is, while it is on its way through the router. */
  passing: RoutedEvent | null;
  isOverfull: boolean;
}

export interface PublisherQueuesDependencies {
  /** Puts an event on its way once more. */
  readonly route: (event: RoutedEvent) => void;
  /** Told once when a publisher stopped waiting because too much had gathered. */
  readonly overfull: (event: RoutedEvent) => void;
}

/**
 * Keeps back what a publisher publishes while a synchronous handler has not settled with its last
 * event. Everybody else goes on meanwhile. There is a queue only while somebody has to wait, so that
 * events cost nothing more when nobody does.
 */
export class PublisherQueues {
  readonly #queues = new Map<Publisher, PublisherQueue>();

  constructor(private readonly dependencies: PublisherQueuesDependencies) {}

  /** Whether the event has to wait; if so it is routed again when its turn comes. */
  keepsBack(event: RoutedEvent): boolean {
    if (this.#queues.size === 0 || event.publisher === null) return false;
    const queue = this.#queues.get(event.publisher);
    if (queue === undefined || queue.passing === event) return false;
    queue.waiting.push(event);
    if (queue.waiting.length >= MAX_WAITING && !queue.isOverfull) {
      queue.isOverfull = true;
      this.dependencies.overfull(event);
      this.#goOn(event.publisher, queue);
    }
    return true;
  }

  /** Makes the publisher's next event wait until `settled` is over, however that comes out. */
  hold(publisher: Publisher, settled: Promise<unknown>): void {
    const queue = this.#queues.get(publisher) ?? newQueue();
    this.#queues.set(publisher, queue);
    queue.unsettled += 1;
    const release = (): void => {
      queue.unsettled -= 1;
      this.#goOn(publisher, queue);
    };
    settled.then(release, release);
  }

  /** The event has reached everybody: the next one may follow, unless it has to wait again. */
  passed(event: RoutedEvent): void {
    if (this.#queues.size === 0 || event.publisher === null) return;
    const queue = this.#queues.get(event.publisher);
    if (queue?.passing !== event) return;
    queue.passing = null;
    this.#goOn(event.publisher, queue);
  }

  #goOn(publisher: Publisher, queue: PublisherQueue): void {
    if (queue.passing !== null || (queue.unsettled > 0 && !queue.isOverfull)) return;
    const next = queue.waiting.shift();
    if (next !== undefined) {
      queue.passing = next;
      this.dependencies.route(next);
      return;
    }
    queue.isOverfull = false;
    if (queue.unsettled === 0) this.#queues.delete(publisher);
  }
}

function newQueue(): PublisherQueue {
  return { waiting: [], unsettled: 0, passing: null, isOverfull: false };
}
