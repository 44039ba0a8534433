import { Errno, isDispatcherError, isRecord, messageOf } from '../../common/index.js';
import { DispatcherClient, type ClientSocketConstructor } from '../../client/index.js';
import { serve, type Service } from '../../client/serve/index.js';
import type { Logger } from '../../sdk/index.js';
import type { DispatcherLink, EtcdEventMap, EtcdEventName } from '../model/index.js';
import type { DataSourcePort } from '../rendering/index.js';
import { EVENT_TYPES } from './event-types.js';

/** The name that etcd logs in with. */
const LOGIN = 'etcd';
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
/** Of data for renderers, and of actions. */
const CALL_TIMEOUT_MS = 30_000;
/** Events that wait while the dispatcher is gone; the oldest go first. */
const MAX_WAITING_EVENTS = 1_000;
/** Where a setting that no plugin declares lies. */
const CONFIG_COLLECTION = 'config';

export interface ConnectionOptions {
  readonly url: string;
  readonly webSocket: ClientSocketConstructor;
  readonly logger: Logger;
}

/** What may have changed: the names of dependencies that files have. */
export type ChangeListener = (change: Change) => void;
export type Change =
  | { readonly kind: 'collection'; readonly name: string }
  | { readonly kind: 'config'; readonly keys: readonly string[] }
  | { readonly kind: 'event'; readonly name: string }
  /** Nobody knows what happened in between. */
  | { readonly kind: 'gap' };

interface WaitingEvent {
  readonly name: EtcdEventName;
  readonly args: object;
}

/**
 * The way to the dispatcher: logged in as the service `etcd`, again after each loss; data and calls for
 * renderers and actions, events in both directions, services.
 */
export class DispatcherConnection implements DispatcherLink, DataSourcePort {
  readonly #client: DispatcherClient;
  readonly #waiting: WaitingEvent[] = [];
  readonly #watched = new Map<string, () => void>();
  #eventTypes: ReadonlySet<string> = new Set();
  #wasConnected = false;

  constructor(private readonly options: ConnectionOptions) {
    this.#client = new DispatcherClient({
      url: options.url,
      webSocket: options.webSocket,
      credentials: () => ({ kind: 'service', name: LOGIN }),
      backOff: { firstMs: FIRST_WAIT_MS, longestMs: LONGEST_WAIT_MS },
      callTimeoutMs: CALL_TIMEOUT_MS,
    });
    this.#client.onState((state) => this.#tell(state.kind));
  }

  get isConnected(): boolean {
    return this.#client.state.kind === 'authenticated';
  }

  /**
   * Resolves when the dispatcher has taken the login, however long that takes.
   *
   * @throws RpcException EACCES when it refuses the login; ECANCELED by the signal
   */
  async connect(signal: AbortSignal): Promise<void> {
    await this.#client.connect({ retry: true, signal });
    await this.#learnEventTypes();
  }

  /** Resolves while there is a connection; waits for one otherwise. @throws RpcException when it was closed */
  async ready(): Promise<void> {
    await this.#client.ready();
  }

  call(method: string, args: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    return this.#client.call(method, args, signal === undefined ? {} : { signal });
  }

  query(collection: string, filter: unknown, params: unknown): Promise<unknown> {
    return this.call('datastore.query', [collection, filter ?? [], params ?? {}]);
  }

  async config(key: string): Promise<unknown> {
    const declared = await this.call('settings.get', [key]).catch((error: unknown) => {
      if (isDispatcherError(error) && error.code === Errno.ENOENT) return null; // no plugin declares it
      throw error;
    });
    if (isRecord(declared) && Object.hasOwn(declared, key)) return declared[key];
    const row = await this.call('datastore.get_by_id', [CONFIG_COLLECTION, key]);
    return isRecord(row) ? (row['value'] ?? null) : null;
  }

  knowsEvent(name: string): boolean {
    return this.#eventTypes.has(name);
  }

  /** Tells of changes of data and of settings, and of gaps in what is told. */
  async onChange(listener: ChangeListener): Promise<void> {
    const data = this.#client.events.on(
      ['datastore.changed', 'settings.changed'],
      ({ name, args }) => {
        const { collection, keys } = args as { collection?: string; keys?: readonly string[] };
        if (name === 'settings.changed') listener({ kind: 'config', keys: keys ?? [] });
        else if (collection === CONFIG_COLLECTION)
          return; // told by the other event, with its keys
        else if (collection !== undefined) listener({ kind: 'collection', name: collection });
      },
      { onGap: () => listener({ kind: 'gap' }) },
    );
    await data.ready;
  }

  /** Tells of events that match the masks, in place of those that were asked for before. */
  watchEvents(masks: ReadonlySet<string>, listener: ChangeListener): void {
    for (const [mask, stop] of this.#watched) {
      if (masks.has(mask)) continue;
      stop();
      this.#watched.delete(mask);
    }
    for (const mask of masks) {
      if (this.#watched.has(mask)) continue;
      const subscription = this.#client.events.on(
        mask,
        ({ name }) => listener({ kind: 'event', name }),
        { onGap: () => listener({ kind: 'gap' }) },
      );
      subscription.ready.catch((error: unknown) =>
        this.options.logger.warn(`Events ${mask} are not followed: ${messageOf(error)}`),
      );
      this.#watched.set(mask, () => subscription.close());
    }
  }

  /** Sends an event, or keeps it until there is a connection. */
  publish<N extends EtcdEventName>(name: N, args: EtcdEventMap[N]): void {
    this.#waiting.push({ name, args });
    if (this.#waiting.length > MAX_WAITING_EVENTS) this.#waiting.shift();
    this.#flush();
  }

  /**
   * Offers a service. Calls wait for `resumeAfter`.
   *
   * @throws RpcException EEXIST when somebody else has the name
   */
  async offer(name: string, service: Service, resumeAfter: Promise<unknown>): Promise<void> {
    await serve(this.#client, name, service, {
      resumeAfter,
      onResumed: () => void this.#register(name),
      onRefused: (error) =>
        this.options.logger.error(`The service ${name} is not taken: ${error.message}`),
    });
  }

  close(): void {
    this.#client.close('etcd ends');
  }

  /** Events are known under the service that sends them, as long as the connection lasts. */
  async #register(service: string): Promise<void> {
    if (service !== 'etcd.generation') return;
    for (const [event, { description, schema }] of Object.entries(EVENT_TYPES)) {
      const options = { description, schema };
      await this.call('plugin.register_event_type', [service, event, options]).catch(
        (error: unknown) =>
          this.options.logger.warn(`The event ${event} is not registered: ${messageOf(error)}`),
      );
    }
    await this.#learnEventTypes();
    this.#flush();
  }

  async #learnEventTypes(): Promise<void> {
    try {
      const types = await this.call('discovery.get_event_types', []);
      if (isRecord(types)) this.#eventTypes = new Set(Object.keys(types));
    } catch (error) {
      if (isDispatcherError(error) && error.code === Errno.ECONNABORTED) return;
      this.options.logger.warn(`Event types cannot be read: ${messageOf(error)}`);
    }
  }

  #flush(): void {
    try {
      for (
        let next = this.#waiting[0];
        next !== undefined && this.isConnected;
        next = this.#waiting[0]
      ) {
        this.#client.events.publish(next.name, { ...next.args });
        this.#waiting.shift();
      }
    } catch {
      // the connection has just gone: the next one sends them
    }
  }

  #tell(kind: string): void {
    const { logger } = this.options;
    if (kind === 'authenticated') {
      logger.info(this.#wasConnected ? 'The dispatcher is back' : 'Connected to the dispatcher');
      this.#wasConnected = true;
      this.#flush();
    } else if (kind === 'reconnecting' && this.#wasConnected) {
      logger.warn('The connection to the dispatcher is lost: files wait for it');
      this.#wasConnected = false;
    }
  }
}
