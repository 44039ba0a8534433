import { hostname } from 'node:os';
import type { DispatcherConfiguration } from '../config/index.js';
import { type StoreLease, takeLease } from '../datastore/index.js';
import { DATASTORE_LEASES } from './datastore-drivers.js';
import { DebugListener } from './debug-listener.js';
import { isReadable, listenerOptions } from './listener-options.js';
import { attachEarlyAnswers, Listeners } from '../gateway/index.js';
import type { Logger } from '../sdk/index.js';
import type { HostProcess } from '../system/index.js';

const READABLE =
  'Passwords of clients travel readable: set dispatcher.tls, or dispatcher.websocket-address to 127.0.0.1';

export interface PremisesOptions {
  readonly configuration: DispatcherConfiguration;
  readonly process: HostProcess;
  readonly logger: Logger;
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
  static async take({ configuration, process, logger }: PremisesOptions): Promise<Premises> {
    const { datastore, dispatcher } = configuration;
    const options = listenerOptions(dispatcher); // first: it reads files, and touches nothing
    const lease = await takeLease(datastore, {
      leases: DATASTORE_LEASES,
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
    const listeners = new Listeners(options, attachEarlyAnswers);
    try {
      const addresses = await listeners.listen();
      const { frontend, frontendPort, frontendAddress } = dispatcher;
      const debug = frontend ? await DebugListener.listen(frontendPort, frontendAddress) : null;
      await lease.announce(addresses);
      if (isReadable(options, dispatcher)) logger.warn(READABLE);
      return new Premises(lease, listeners, debug);
    } catch (error) {
      await listeners.close(0);
      await lease.release();
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
