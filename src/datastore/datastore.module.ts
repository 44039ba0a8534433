import { join } from 'node:path';
import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { RowFeed } from '../cluster/index.js';
import { CONFIGURATION, type DispatcherConfiguration, queryLimitsOf } from '../config/index.js';
import { SERVER_LOGGER } from '../logging/index.js';
import { ConfigStore, Datastore, type Logger } from '../sdk/index.js';
import { HOST_PROCESS, type HostProcess } from '../system/index.js';
import { DocumentConfigStore } from './document-config-store.js';
import { DocumentStore } from './document-store.js';
import type { DriverRegistry } from './driver.js';
import type { StoreLease } from './lease.js';
import { openDatastore } from './open-datastore.js';
import { agreeOnKey } from './sealing/agree-on-key.js';
import { SecretBox } from './sealing/secret-box.js';

/** Injection token of {@link StoreAccess}. */
export const STORE_ACCESS = Symbol('access to the store');

/** What a server has of its store before it opens it. */
export interface StoreAccess {
  readonly drivers: DriverRegistry;
  readonly lease: StoreLease;
}

/** Of all passwords that are stored. The name is older than that: it was those of tasks once. */
const KEY_FILE = 'task-secrets.key';

const STORE_TAKEN = 'Another server has taken over the store';

/** Opens the store that the configuration names, with this server's key. */
class StoreOpener {
  constructor(
    private readonly configuration: DispatcherConfiguration,
    private readonly logger: Logger,
    private readonly secrets: SecretBox,
    private readonly feed: RowFeed,
  ) {}

  async open({ drivers, lease }: StoreAccess, host: HostProcess): Promise<DocumentStore> {
    const { configuration, logger, secrets } = this;
    const store = await openDatastore(configuration.datastore, {
      drivers,
      secrets,
      limits: queryLimitsOf(configuration),
      onWritable: (failure) => {
        if (failure === null) logger.info('The datastore takes changes again');
        else logger.error(`The datastore takes no changes: ${failure}`);
      },
      onStateChange: (state, cause) => logger.warn(`Datastore is ${state}`, { cause }),
    });
    try {
      const { cluster } = configuration.dispatcher;
      // of a cluster, only what its leader changes bears a term: the leader's
      if (cluster === null) {
        await store.term.begin(lease.lastTerm, () => host.storeLost(STORE_TAKEN));
      } else await agreeOnKey(store, secrets, cluster.key);
      await store.share(this.feed);
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }
}

/** The store that the configuration names, opened before anything else is made, and the settings in it. */
@Module({
  providers: [
    {
      provide: SecretBox,
      useFactory: ({ stateDirectory }: HostProcess, { dispatcher }: DispatcherConfiguration) =>
        dispatcher.cluster === null
          ? SecretBox.open(join(stateDirectory, KEY_FILE))
          : SecretBox.openShared(dispatcher.cluster.key),
      inject: [HOST_PROCESS, CONFIGURATION],
    },
    {
      provide: StoreOpener,
      useFactory: (...parts: ConstructorParameters<typeof StoreOpener>) =>
        new StoreOpener(...parts),
      inject: [CONFIGURATION, SERVER_LOGGER, SecretBox, RowFeed],
    },
    {
      provide: DocumentStore,
      useFactory: (opener: StoreOpener, access: StoreAccess, host: HostProcess) =>
        opener.open(access, host),
      inject: [StoreOpener, STORE_ACCESS, HOST_PROCESS],
    },
    { provide: Datastore, useExisting: DocumentStore },
    {
      provide: DocumentConfigStore,
      useFactory: (store: DocumentStore) => DocumentConfigStore.openIn(store),
      inject: [DocumentStore],
    },
    { provide: ConfigStore, useExisting: DocumentConfigStore },
  ],
  exports: [DocumentStore, Datastore, DocumentConfigStore, ConfigStore, SecretBox],
})
export class DatastoreModule implements OnApplicationShutdown {
  constructor(private readonly store: DocumentStore) {}

  /** After `beforeApplicationShutdown`, in which clients and plugins have said their last word. */
  async onApplicationShutdown(): Promise<void> {
    await this.store.close();
  }
}
