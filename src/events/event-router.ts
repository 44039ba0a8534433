import { compileMask, coded, type MaskMatcher } from '../common/index.js';
import type { DispatcherEvent, EventHandler, Logger } from '../sdk/index.js';

const RESERVED = ['server.', 'task.', 'plugin.', 'session.'];

/** Where events leave the process: one per connection, or any other consumer of the whole stream. */
export interface EventSink {
  deliver(event: DispatcherEvent): void;
}

interface HandlerEntry {
  readonly mask: string;
  readonly matches: MaskMatcher;
  readonly handler: EventHandler;
}

/**
 * Takes each event once and hands it to the handlers inside the server and to the sinks outside.
 * Publishing never throws what a handler threw, and handlers of one event do not wait for another's.
 */
export class EventRouter {
  readonly #handlers: HandlerEntry[] = [];
  readonly #sinks = new Set<EventSink>();

  constructor(
    private readonly logger: Logger,
    private readonly now: () => Date,
  ) {}

  /** Publishes on behalf of the server: every name is allowed. */
  publish(name: string, args: Readonly<Record<string, unknown>>): void {
    const event = { name, args: 'timestamp' in args ? args : { ...args, timestamp: this.now() } };
    for (const entry of [...this.#handlers]) {
      if (entry.matches(name)) this.#run(entry, event);
    }
    for (const sink of this.#sinks) sink.deliver(event);
  }

  /**
   * Publishes on behalf of a plugin or client.
   *
   * @throws RpcException EPERM for the server's own prefixes
   */
  publishForeign(name: string, args: Readonly<Record<string, unknown>>): void {
    if (RESERVED.some((prefix) => name.startsWith(prefix))) throw coded('RESERVED_EVENT', { name });
    this.publish(name, args);
  }

  addHandler(mask: string, handler: EventHandler): void {
    this.#handlers.push({ mask, matches: compileMask(mask), handler });
  }

  removeHandler(mask: string, handler: EventHandler): void {
    const index = this.#handlers.findIndex(
      (entry) => entry.mask === mask && entry.handler === handler,
    );
    if (index !== -1) this.#handlers.splice(index, 1);
  }

  addSink(sink: EventSink): void {
    this.#sinks.add(sink);
  }

  removeSink(sink: EventSink): void {
    this.#sinks.delete(sink);
  }

  #run({ mask, handler }: HandlerEntry, { name, args }: DispatcherEvent): void {
    const failed = (error: unknown): void =>
      this.logger.error('Event handler failed', { event: name, mask, error });
    try {
      const outcome = handler(args, name);
      if (outcome instanceof Promise) outcome.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}
