import type { ConfigStore, Datastore } from './datastore.js';
import type { Dispatcher } from './dispatcher.js';
import { injectMembers } from './injected.js';
import type { Logger } from './logger.js';

/**
 * Base of an event source: a loop that sees things happen and publishes them. The loop runs from
 * the plugin's start until `signal` fires; it may idle while nothing is enabled.
 *
 * @example
 * @eventSource('disk.attached')
 * export class DiskSource extends EventSource {
 *   async run(signal: AbortSignal) { for await (const disk of watch(signal)) this.emit('disk.attached', disk); }
 * }
 */
export abstract class EventSource {
  readonly dispatcher!: Dispatcher;
  readonly datastore!: Datastore;
  readonly configstore!: ConfigStore;
  readonly logger!: Logger;

  abstract run(signal: AbortSignal): Promise<void>;

  /** The first subscriber of the event appeared. */
  enable?(event: string): void;

  /** The last subscriber of the event went. */
  disable?(event: string): void;

  emit(name: string, args: object): void {
    // An instance of a schema class has no index signature; that is all that tells it from a record
    this.dispatcher.emitEvent(name, args as Record<string, unknown>);
  }
}
injectMembers(EventSource);
