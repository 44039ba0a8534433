import type { Audience, EventFanout, EventScope, PublishedEvent } from '../cluster/index.js';
import {
  compileMask,
  coded,
  currentCause,
  MAX_MASK_LENGTH,
  type MaskMatcher,
  presentCause,
  withCause,
  withFields,
} from '../common/index.js';
import type { ValueValidator } from '../schema/index.js';
import type { EventHandler, LogFields, Logger } from '../sdk/index.js';
import type { EventType } from './event-type.js';
import { Interest } from './interest.js';
import { PublisherQueues, type Publisher, type RoutedEvent } from './publisher-queues.js';

const RESERVED = ['server.', 'task.', 'plugin.', 'session.'];
/** Those who are told of these believe them to be the server's. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  'account.api_key_created',
  'account.api_key_revoked',
  'cluster.events_lost',
  'cluster.leader_changed',
  'cluster.node_joined',
  'cluster.node_left',
  'cluster.node_lost',
  'datastore.changed',
  'schedule.changed',
  'schedule.missed',
  'settings.changed',
]);

/** How many events that handlers published may follow in one go, before I/O has its turn again. */
const MAX_IN_ONE_GO = 1_000;

/** Where events leave the process: one per connection, or any other consumer of the whole stream. */
export interface EventSink {
  deliver(event: PublishedEvent): void;
}

export interface EventRouterDependencies {
  readonly logger: Logger;
  readonly now: () => Date;
  readonly fanout: EventFanout;
  /** What is registered of an event; an event of a name nobody registered is delivered as it is. */
  readonly typeOf: (name: string) => EventType | undefined;
  /** Most characters of a name or a mask from outside; without it as many as the contract says. */
  readonly nameCharacters?: number;
}

interface HandlerEntry {
  readonly mask: string;
  readonly matches: MaskMatcher;
  readonly handler: EventHandler;
  readonly isSync: boolean;
}

export interface HandlerOptions {
  readonly sync?: boolean;
}

type HandledEvent = Pick<RoutedEvent, 'name' | 'args' | 'publisher' | 'cause'>;

type Args = Readonly<Record<string, unknown>>;

/**
 * Takes each event once and hands it to the handlers inside the server and to the sinks outside.
 * Publishing never throws what one of them threw, and none of them waits for another. An event that
 * does not fit the schema of its type is its publisher's error: it is logged and goes nowhere.
 *
 * There is one order of events, the same for all: what a handler publishes waits until the event it
 * handles has reached every handler and sink. Only for a synchronous handler does anybody wait
 * longer: the publisher of the event, with its next one.
 *
 * Where several nodes share the order, events have their place in it a little later, and then reach
 * handlers and sinks at all nodes; only synchronous handlers are called at once.
 */
export class EventRouter {
  /** Who wants what: handlers are counted here; whoever keeps a sink adds its subscribers' masks. */
  readonly interest = new Interest(
    (event, error) => this.#log('Source failed to be enabled or disabled', { event, error }),
    (mask, isWanted) => this.dependencies.fanout.want(mask, isWanted),
  );
  readonly #handlers: HandlerEntry[] = [];
  readonly #sinks = new Set<EventSink>();
  /** Taken since the start; those that did not fit are not among the published ones. */
  readonly counts = { published: 0, refused: 0 };
  /** Published while another event was on its way. */
  #waiting: RoutedEvent[] = [];
  readonly #queues = new PublisherQueues({
    route: (event) => this.#route(event),
    overfull: ({ name }) =>
      this.#log('Publisher waits no longer for synchronous handlers: too much gathered', {
        event: name,
      }),
  });
  #isDispatching = false;

  constructor(private readonly dependencies: EventRouterDependencies) {
    const { fanout } = dependencies;
    fanout.deliverTo((event) => this.#receive(event));
    fanout.onWanted((mask, isWanted) => this.interest.wantElsewhere(mask, isWanted));
  }

  /**
   * Publishes on behalf of the server: every name is allowed.
   *
   * @param args - the router's from here on: its time is put into it, not into a copy
   * @param audience - who of the subscribers outside of this process is told
   * @throws RpcException EINVAL for an empty name
   */
  publish(name: string, args: Record<string, unknown>, audience: Audience | null = null): void {
    if (name === '') throw coded('EMPTY_EVENT_NAME');
    const type = this.dependencies.typeOf(name);
    if (!this.#fits(name, args, type)) return;
    args['timestamp'] ??= this.dependencies.now();
    this.#send({ name, args, publisher: null, audience, scope: scopeOf(type) });
  }

  /**
   * Publishes on behalf of a plugin or client. The publisher, if it says who it is, waits for
   * synchronous handlers: its events follow each other only when those have settled.
   *
   * @throws RpcException EPERM for the server's own prefixes, EINVAL for an empty name
   */
  publishForeign(name: string, args: Args, publisher: Publisher | null = null): void {
    assertForeign(name, this.#nameCharacters);
    const type = this.dependencies.typeOf(name);
    if (!this.#fits(name, args, type)) return;
    const told = this.#timestamped(args);
    this.#send({ name, args: told, publisher, audience: null, scope: scopeOf(type) });
  }

  /** Resolves when what was published before has reached this server's clients, or cannot for now. */
  settled(): Promise<void> {
    return this.dependencies.fanout.settled();
  }

  get #nameCharacters(): number {
    return this.dependencies.nameCharacters ?? MAX_MASK_LENGTH;
  }

  /**
   * The text of an event for one client only: no handler hears of it and no replay repeats it. Its
   * cursor is the present one, so that the client can go on from it all the same.
   */
  textForOne(name: string, args: Args): string {
    const event = { name, args: this.#timestamped(args) };
    return this.dependencies.fanout.unplaced(event, currentCause());
  }

  /**
   * A `sync` handler makes publishers wait for it and has to see to it that it settles.
   *
   * @throws RpcException EINVAL for a mask that is too long
   */
  addHandler(mask: string, handler: EventHandler, { sync = false }: HandlerOptions = {}): void {
    const limit = this.#nameCharacters;
    if (mask.length > limit) throw coded('MASK_TOO_LONG', { limit });
    this.#handlers.push({ mask, matches: compileMask(mask), handler, isSync: sync });
    this.interest.add(mask);
  }

  removeHandler(mask: string, handler: EventHandler): void {
    const index = this.#handlers.findIndex(
      (entry) => entry.mask === mask && entry.handler === handler,
    );
    if (index === -1) return;
    this.#handlers.splice(index, 1);
    this.interest.remove(mask);
  }

  addSink(sink: EventSink): void {
    this.#sinks.add(sink);
  }

  removeSink(sink: EventSink): void {
    this.#sinks.delete(sink);
  }

  #timestamped(args: Args): Args {
    return 'timestamp' in args ? args : withFields(args, { timestamp: this.dependencies.now() });
  }

  #send({ name, args, publisher, audience, scope }: Omit<RoutedEvent, 'cause'>): void {
    this.counts.published += 1;
    this.#route({ name, args, publisher, cause: presentCause(), audience, scope });
  }

  #route(event: RoutedEvent): void {
    if (this.#isDispatching) {
      this.#waiting.push(event);
      return;
    }
    this.#isDispatching = true;
    this.#dispatch(event);
    if (this.#waiting.length === 0) this.#isDispatching = false;
    else this.#dispatchWaiting();
  }

  /** Made text before the handlers see it: none of them can change what clients are told. */
  #dispatch(event: RoutedEvent): void {
    if (this.#queues.keepsBack(event)) return;
    const published = this.#placed(event);
    const isLater = published === null;
    for (const entry of [...this.#handlers]) {
      if (isLater && !entry.isSync) continue;
      if (entry.matches(event.name)) this.#handle(entry, event);
    }
    if (published != null) {
      for (const sink of this.#sinks) this.#deliver(sink, published);
    }
    this.#queues.passed(event);
  }

  /** Its synchronous handlers were called when it was published, at the node where it was. */
  #receive(published: PublishedEvent): void {
    const isOutermost = !this.#isDispatching;
    this.#isDispatching = true;
    const { name } = published;
    const wanting = this.#handlers.filter(({ isSync, matches }) => !isSync && matches(name));
    if (wanting.length > 0) {
      const { args } = published;
      const cause = published.cause === null ? null : { cause: published.cause };
      for (const entry of wanting) this.#handle(entry, { name, args, cause, publisher: null });
    }
    for (const sink of this.#sinks) this.#deliver(sink, published);
    if (isOutermost) this.#dispatchWaiting();
  }

  /** Handlers that answer events with events for ever must not stop the whole server. */
  #dispatchWaiting(): void {
    for (let done = 0; done < MAX_IN_ONE_GO;) {
      const events = this.#waiting.splice(0, MAX_IN_ONE_GO - done);
      if (events.length === 0) {
        this.#isDispatching = false;
        return;
      }
      for (const event of events) this.#dispatch(event);
      done += events.length;
    }
    setImmediate(() => this.#dispatchWaiting());
  }

  /**
   * Null when it has its place later; undefined when it cannot be made text: that is no reason to fail
   * whoever published it.
   */
  #placed(event: RoutedEvent): PublishedEvent | null | undefined {
    try {
      return this.dependencies.fanout.publish(event, event.cause?.cause ?? null);
    } catch (error) {
      this.#log('Event has no JSON form and is not delivered', { event: event.name, error });
      return undefined;
    }
  }

  /** Checks what the publisher gave: the timestamp that the server adds is no part of the schema. */
  #fits(name: string, args: Args, type: EventType | undefined): boolean {
    const validator = type?.validator;
    if (validator == null || this.#isValid(name, args, validator)) return true;
    this.counts.refused += 1;
    return false;
  }

  #isValid(name: string, args: Args, validator: ValueValidator): boolean {
    try {
      const errors = validator.validate(args);
      if (errors === null) return true;
      this.#log('Event does not fit its schema and is not delivered', { event: name, errors });
    } catch (error) {
      // a schema may refer to a definition that went away: nobody can say that the event fits
      this.#log('Event could not be checked and is not delivered', { event: name, error });
    }
    return false;
  }

  #handle({ mask, handler, isSync }: HandlerEntry, event: HandledEvent): void {
    const { name, args, publisher, cause } = event;
    const failed = (error: unknown): void =>
      this.#log('Event handler failed', { event: name, mask, error });
    try {
      const isAtOnce = presentCause() === cause; // it may have waited while others did things
      const outcome = isAtOnce ? handler(args, name) : withCause(cause, () => handler(args, name));
      if (!(outcome instanceof Promise)) return;
      const settled = outcome.catch(failed);
      if (isSync && publisher !== null) this.#queues.hold(publisher, settled);
    } catch (error) {
      failed(error);
    }
  }

  #deliver(sink: EventSink, event: PublishedEvent): void {
    try {
      sink.deliver(event);
    } catch (error) {
      this.#log('Event could not be delivered', { event: event.name, error });
    }
  }

  #log(message: string, fields: LogFields): void {
    this.dependencies.logger.error(message, fields);
  }
}

function scopeOf(type: EventType | undefined): EventScope {
  return type?.scope ?? 'all';
}

/**
 * @throws RpcException EPERM for the server's own prefixes, EINVAL for an empty name or one that is
 *   too long: each is held against every mask
 */
export function assertForeign(name: string, limit: number = MAX_MASK_LENGTH): void {
  if (name === '') throw coded('EMPTY_EVENT_NAME');
  if (name.length > limit) throw coded('EVENT_NAME_TOO_LONG', { limit });
  const isReserved = RESERVED_NAMES.has(name) || RESERVED.some((prefix) => name.startsWith(prefix));
  if (isReserved) throw coded('RESERVED_EVENT', { name });
}
