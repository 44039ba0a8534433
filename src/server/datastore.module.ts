import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { DispatcherConfiguration } from '../config/index.js';
import {
  DocumentConfigStore,
  type DocumentStore,
  openDatastore,
  type StoreLease,
} from '../datastore/index.js';
import { DATASTORE_DRIVERS } from './datastore-drivers.js';
import { queryLimitsOf } from './query-limits.js';
import { ConfigStore, Datastore, type Logger } from '../sdk/index.js';
import {
  CONFIGURATION,
  HOST_PROCESS,
  type HostProcess,
  SERVER_LOGGER,
  STORE_LEASE,
} from './tokens.js';

const STORE_TAKEN = 'Another server has taken over the store';

/** The store that the configuration names, opened before anything else is made, and the settings in it. */
@Global()
@Module({
  providers: [
    {
      provide: Datastore,
      useFactory: async (
        configuration: DispatcherConfiguration,
        logger: Logger,
        lease: StoreLease,
        host: HostProcess,
      ): Promise<DocumentStore> => {
        const store = await openDatastore(configuration.datastore, {
          drivers: DATASTORE_DRIVERS,
          limits: queryLimitsOf(configuration),
          onWritable: (failure) => {
            if (failure === null) logger.info('The datastore takes changes again');
            else logger.error(`The datastore takes no changes: ${failure}`);
          },
          onStateChange: (state, cause) => logger.warn(`Datastore is ${state}`, { cause }),
        });
        try {
          await store.term.begin(lease.lastTerm, () => host.storeLost(STORE_TAKEN));
          return store;
        } catch (error) {
          await store.close();
          throw error;
        }
      },
      inject: [CONFIGURATION, SERVER_LOGGER, STORE_LEASE, HOST_PROCESS],
    },
    {
      provide: ConfigStore,
      useFactory: (datastore: Datastore) => DocumentConfigStore.open(datastore),
      inject: [Datastore],
    },
  ],
  exports: [Datastore, ConfigStore],
})
export class DatastoreModule implements OnApplicationShutdown {
  constructor(@Inject(Datastore) private readonly datastore: DocumentStore) {}

  /** After `beforeApplicationShutdown`, in which clients and plugins have said their last word. */
  async onApplicationShutdown(): Promise<void> {
    await this.datastore.close();
  }
}
