import type { ConfigStore, Datastore } from './datastore.js';
import type { Dispatcher } from './dispatcher.js';
import { injectMembers } from './injected.js';
import type { Logger } from './logger.js';
import type { EventSourceMembers } from './server-members.js';

/**
 * Base of an event source: a loop that sees things happen and publishes them. The loop runs from
 * the end of the plugin's `init` until `signal` fires; it may idle while nothing is enabled.
 *
 * A `run` that throws is called again, after a second at first and up to a minute later the oftener
 * it throws, and the event `plugin.event_source_failed` tells of it. A `run` that returns is not
 * called again. On unload the signal fires and the loop has 5 seconds to end; after that it can
 * publish nothing more.
 *
 * The events of a source are the one it is named after and those that it registers itself by
 * `this.dispatcher.registerEventType`; as long as it is its plugin's only source, all others too
 * that the plugin registers. A source may register an event of its own again.
 *
 * @example
 * @eventSource('disk.attached')
 * export class DiskSource extends EventSource {
 *   async run(signal: AbortSignal) { for await (const disk of watch(signal)) this.emit('disk.attached', disk); }
 * }
 */
export abstract class EventSource implements EventSourceMembers {
  readonly dispatcher!: Dispatcher;
  readonly datastore!: Datastore;
  readonly configstore!: ConfigStore;
  readonly logger!: Logger;

  /** Called once the plugin is initialised, before any `enable`. */
  abstract run(signal: AbortSignal): Promise<void>;

  /** The first subscriber of the event appeared, or was there already. What it throws is logged. */
  enable?(event: string): void | Promise<void>;

  /** The last subscriber of the event went, or the source is about to be stopped. */
  disable?(event: string): void | Promise<void>;

  /**
   * Publishes an event.
   *
   * @throws RpcException EPERM for names under `server.`, `task.`, `plugin.` and `session.`
   * @throws Error once the source was stopped
   */
  emit(name: string, args: object): void {
    // An instance of a schema class has no index signature; that is all that tells it from a record
    this.dispatcher.emitEvent(name, args as Record<string, unknown>);
  }
}
injectMembers(EventSource);
