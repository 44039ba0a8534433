import { AsyncQueue, Errno, onAbort } from '../../common/portable.js';
import { canceled, DispatcherClientError } from '../client-error.js';
import type { EventHub } from './event-hub.js';
import type { DispatcherEvent, EventFor } from './event-map.js';
import type { EventGap } from './event-routes.js';

/** A subscription that lasts until it is closed, however often the connection goes and comes back. */
export interface Subscription {
  readonly masks: readonly string[];
  /**
   * Resolves when the server sends what the masks match: what is read after that, and kept up to date
   * by the events, misses nothing. Rejects with what the server has against a mask.
   */
  readonly ready: Promise<void>;
  close(): void;
}

export interface SubscribeOptions {
  /** Told where events may be missing, in its place among them. */
  readonly onGap?: (gap: EventGap) => void;
}

export interface IterateOptions {
  /** Ends the loop with ECANCELED. */
  readonly signal?: AbortSignal;
  /** Items that may wait for a slow loop; past that it ends with EOVERFLOW. Default 10,000. */
  readonly maxWaiting?: number;
}

/** What {@link EventClient.iterate} brings. */
export type EventItem<Event = DispatcherEvent> =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'gap'; readonly gap: EventGap };

const MAX_WAITING = 10_000;

/**
 * Events by mask. A mask is a shell glob over the name: `*`, `?`, `[...]`; dots are ordinary.
 *
 * @example
 * const links = client.events.on('network.link.*', ({ name, args }) => redraw(name, args), {
 *   onGap: () => void readLinksAgain(),
 * });
 * await links.ready;
 */
export class EventClient {
  constructor(private readonly hub: EventHub) {}

  /** What the server is asked for at the moment, by all subscriptions together. */
  get masks(): readonly string[] {
    return this.hub.masks;
  }

  /**
   * Calls the handler with each event that a mask matches, once, in order. May be called without a
   * connection: the subscription begins with the next login.
   *
   * What a handler throws becomes an uncaught error, as from a listener in the DOM.
   */
  on<Mask extends string>(
    masks: Mask | readonly Mask[],
    handler: (event: EventFor<Mask>) => void,
    { onGap }: SubscribeOptions = {},
  ): Subscription {
    let isClosed = false;
    const receiver = {
      masks: typeof masks === 'string' ? [masks] : [...masks],
      onEvent: (event: DispatcherEvent) => {
        if (!isClosed) handler(event as EventFor<Mask>);
      },
      onGap,
    };
    const ready = this.hub.add(receiver);
    ready.catch(() => undefined); // whoever waits for it is told; nobody has to wait
    const close = (): void => {
      isClosed = true;
      this.hub.remove(receiver);
    };
    return { masks: receiver.masks, ready, close };
  }

  /** Tells of every gap, whichever subscriptions it is in; returns what ends that. */
  onGap(listener: (gap: EventGap) => void): () => void {
    return this.hub.gaps.add(listener);
  }

  /**
   * The same as a loop; leaving it unsubscribes.
   *
   * @throws DispatcherClientError ECANCELED by the signal, EOVERFLOW when the loop is too slow, what
   *   the server has against a mask
   *
   * @example
   * for await (const item of client.events.iterate('task.progress', { signal })) {
   *   if (item.kind === 'event') console.log(item.event.args.percentage);
   * }
   */
  async *iterate<Mask extends string>(
    masks: Mask | readonly Mask[],
    { signal, maxWaiting = MAX_WAITING }: IterateOptions = {},
  ): AsyncGenerator<EventItem<EventFor<Mask>>, void, undefined> {
    const queue = new AsyncQueue<EventItem<EventFor<Mask>>>(maxWaiting);
    const put = (item: EventItem<EventFor<Mask>>): void => {
      if (!queue.push(item)) queue.fail(overflow(maxWaiting));
    };
    const subscription = this.on(masks, (event) => put({ kind: 'event', event }), {
      onGap: (gap) => put({ kind: 'gap', gap }),
    });
    subscription.ready.catch((error: unknown) => queue.fail(error as Error));
    const forget = onAbort(signal, () =>
      queue.fail(canceled('The loop over events', signal?.reason)),
    );
    try {
      yield* queue;
    } finally {
      forget();
      subscription.close();
    }
  }

  /**
   * Publishes an event; the server takes it silently. Needs a role that may, and a name that is not
   * one of the server's own.
   *
   * @throws DispatcherClientError ECONNABORTED while nobody is logged in
   */
  publish(name: string, args: Readonly<Record<string, unknown>>): void {
    this.hub.publish(name, args);
  }

  /**
   * The same, for who has to know whether the server took it.
   *
   * @throws DispatcherClientError (rejects with) EACCES without the role, EINVAL for args that fail the
   *   event's schema, ECONNABORTED when the connection is not there or went
   *
   * @example
   * await client.events.publishConfirmed('backup.done', { name: 'nightly' });
   */
  publishConfirmed(name: string, args: Readonly<Record<string, unknown>>): Promise<void> {
    return this.hub.publishConfirmed(name, args);
  }
}

function overflow(limit: number): DispatcherClientError {
  return new DispatcherClientError(
    Errno.EOVERFLOW,
    `More than ${limit} events wait for the loop: take them faster or ask for fewer`,
  );
}
