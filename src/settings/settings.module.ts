import { Module } from '@nestjs/common';
import { DatastoreModule } from '../datastore/datastore.module.js';
import { DocumentConfigStore } from '../datastore/index.js';
import { LogRoot } from '../logging/index.js';
import { SettingsRegistry } from './settings.registry.js';

/** The settings of plugins, which guard the store of the configuration. */
@Module({
  imports: [DatastoreModule],
  providers: [
    {
      provide: SettingsRegistry,
      useFactory: (store: DocumentConfigStore, log: LogRoot) => {
        const logger = log.create({ component: 'settings' });
        const registry = new SettingsRegistry({ store, logger });
        store.guardedBy(registry);
        return registry;
      },
      inject: [DocumentConfigStore, LogRoot],
    },
  ],
  exports: [SettingsRegistry],
})
export class SettingsModule {}
