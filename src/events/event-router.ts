import { compileMask, coded, MAX_MASK_LENGTH, type MaskMatcher } from '../common/index.js';
import type { DispatcherEvent, EventHandler, LogFields, Logger } from '../sdk/index.js';
import type { EventType } from './event-type.js';
import { Interest } from './interest.js';

const RESERVED = ['server.', 'task.', 'plugin.', 'session.'];

/** Where events leave the process: one per connection, or any other consumer of the whole stream. */
export interface EventSink {
  deliver(event: DispatcherEvent): void;
}

export interface EventRouterDependencies {
  readonly logger: Logger;
  readonly now: () => Date;
  /** What is registered of an event; an event of a name nobody registered is delivered as it is. */
  readonly typeOf: (name: string) => EventType | undefined;
}

interface HandlerEntry {
  readonly mask: string;
  readonly matches: MaskMatcher;
  readonly handler: EventHandler;
}

type Args = Readonly<Record<string, unknown>>;

/**
 * Takes each event once and hands it to the handlers inside the server and to the sinks outside.
 * Publishing never throws what one of them threw, and none of them waits for another. An event that
 * does not fit the schema of its type is its publisher's error: it is logged and goes nowhere.
 */
export class EventRouter {
  /** Who wants what: handlers are counted here; whoever keeps a sink adds its subscribers' masks. */
  readonly interest = new Interest((event, error) =>
    this.#log('Source failed to be enabled or disabled', { event, error }),
  );
  readonly #handlers: HandlerEntry[] = [];
  readonly #sinks = new Set<EventSink>();

  constructor(private readonly dependencies: EventRouterDependencies) {}

  /** Publishes on behalf of the server: every name is allowed. */
  publish(name: string, args: Args): void {
    if (!this.#fits(name, args)) return;
    const timestamped =
      'timestamp' in args ? args : { ...args, timestamp: this.dependencies.now() };
    const event = { name, args: timestamped };
    for (const entry of [...this.#handlers]) {
      if (entry.matches(name)) this.#handle(entry, event);
    }
    for (const sink of this.#sinks) this.#deliver(sink, event);
  }

  /**
   * Publishes on behalf of a plugin or client.
   *
   * @throws RpcException EPERM for the server's own prefixes
   */
  publishForeign(name: string, args: Args): void {
    if (RESERVED.some((prefix) => name.startsWith(prefix))) throw coded('RESERVED_EVENT', { name });
    this.publish(name, args);
  }

  /** @throws RpcException EINVAL for a mask that is too long */
  addHandler(mask: string, handler: EventHandler): void {
    if (mask.length > MAX_MASK_LENGTH) throw coded('MASK_TOO_LONG', { limit: MAX_MASK_LENGTH });
    this.#handlers.push({ mask, matches: compileMask(mask), handler });
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

  /** Checks what the publisher gave: the timestamp that the server adds is no part of the schema. */
  #fits(name: string, args: Args): boolean {
    const validator = this.dependencies.typeOf(name)?.validator;
    if (validator == null) return true;
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

  #handle({ mask, handler }: HandlerEntry, { name, args }: DispatcherEvent): void {
    const failed = (error: unknown): void =>
      this.#log('Event handler failed', { event: name, mask, error });
    try {
      const outcome = handler(args, name);
      if (outcome instanceof Promise) outcome.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  /** A sink turns events into text; one that cannot be is no reason to fail whoever published it. */
  #deliver(sink: EventSink, event: DispatcherEvent): void {
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
