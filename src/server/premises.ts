import { hostname } from 'node:os';
import type { DispatcherConfiguration } from '../config/index.js';
import { type StoreLease, takeLease } from '../datastore/index.js';
import { DATASTORE_LEASES } from './datastore-drivers.js';
import { DebugListener } from './debug-listener.js';
import { isReadable, listenerOptions } from './listener-options.js';
import { attachEarlyAnswers, Listeners } from '../gateway/index.js';
import type { Logger } from '../sdk/index.js';
import type { HostProcess } from '../system/index.js';
import { type StandbyPorts, takeWhenFree } from './standby.js';

const READABLE =
  'Passwords of clients travel readable: set dispatcher.tls, or dispatcher.websocket-address to 127.0.0.1';

export interface PremisesOptions {
  readonly configuration: DispatcherConfiguration;
  readonly process: HostProcess;
  readonly logger: Logger;
  /** Given: where the configuration says so, a store that another server has is waited for. */
  readonly standby?: StandbyPorts;
}

/**
 * What has to be a server's own before it reads or changes a row, loads a plugin or answers anybody:
 * the store, then its addresses. A second server ends here and has touched nothing of the first.
 */
export class Premises {
  private constructor(
    readonly lease: StoreLease,
    readonly listeners: Listeners,
    readonly debug: DebugListener | null,
  ) {}

  /** @throws Error with one line: who holds the store, or which address could not be had */
  static async take(options: PremisesOptions): Promise<Premises> {
    const { dispatcher } = options.configuration;
    const listening = listenerOptions(dispatcher); // first: it reads files, and touches nothing
    const debug = new DebugDoor(dispatcher);
    const listeners = new Listeners(listening, attachEarlyAnswers);
    let lease: StoreLease | null = null;
    try {
      lease = await leaseFor(options, debug);
      const addresses = await listeners.listen();
      const debugListener = await debug.open();
      await lease.announce(addresses);
      if (isReadable(listening, dispatcher)) options.logger.warn(READABLE);
      return new Premises(lease, listeners, debugListener);
    } catch (error) {
      await listeners.close(0);
      await debug.close();
      await lease?.release();
      throw error;
    }
  }

  /** The store last: nobody else may have it as long as anything of this server is left. */
  async leave(): Promise<void> {
    await this.listeners.close(0);
    await this.debug?.close();
    await this.lease.release();
  }
}

/** The store's lease; a server that may stand by says on its debug address that it does. */
async function leaseFor(
  { configuration, process, logger, standby }: PremisesOptions,
  debug: DebugDoor,
): Promise<StoreLease> {
  const take = (onlyExisting: boolean): Promise<StoreLease> =>
    takeLease(configuration.datastore, {
      leases: DATASTORE_LEASES,
      onlyExisting,
      cluster: configuration.dispatcher.cluster,
      holder: {
        pid: process.pid,
        host: hostname(),
        since: process.startedAt.toISOString(),
        addresses: [],
      },
      onLost: (reason) => process.storeLost(reason),
      onWaiting: (holder) =>
        logger.warn(`The store is held by ${holder}, of which nothing is heard: waiting`),
      onAway: (store, limitMs) =>
        logger.warn(`Datastore ${store} does not answer: waiting up to ${limitMs / 1_000} s`),
    });
  if (standby === undefined || !configuration.dispatcher.standby) return take(false);
  const lease = await takeWhenFree(take, {
    signal: standby.signal,
    onWaiting: async (reason) => {
      (await debug.open())?.standBy(reason);
      logger.warn(`Stands by: ${reason}`);
      await standby.onWaiting(reason);
    },
  });
  debug.listener?.standBy(null);
  return lease;
}

/** The address of the debug-mode server, opened when there is something to say there. */
class DebugDoor {
  #listener: DebugListener | null = null;

  constructor(private readonly section: DispatcherConfiguration['dispatcher']) {}

  get listener(): DebugListener | null {
    return this.#listener;
  }

  async open(): Promise<DebugListener | null> {
    const { frontend, frontendPort, frontendAddress } = this.section;
    if (!frontend) return null;
    this.#listener ??= await DebugListener.listen(frontendPort, frontendAddress);
    return this.#listener;
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }
}
