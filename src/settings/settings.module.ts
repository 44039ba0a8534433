import { Module } from '@nestjs/common';
import { DatastoreModule } from '../datastore/datastore.module.js';
import { DocumentConfigStore } from '../datastore/index.js';
import { LogRoot } from '../logging/index.js';
import { SecretBox } from '../tasks/index.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { SettingsRegistry } from './settings.registry.js';

/** The settings of plugins, which guard the store of the configuration. */
@Module({
  imports: [DatastoreModule, TasksModule],
  providers: [
    {
      provide: SettingsRegistry,
      useFactory: (store: DocumentConfigStore, sealer: SecretBox, log: LogRoot) => {
        const logger = log.create({ component: 'settings' });
        const registry = new SettingsRegistry({ store, sealer, logger });
        store.guardedBy(registry);
        return registry;
      },
      inject: [DocumentConfigStore, SecretBox, LogRoot],
    },
  ],
  exports: [SettingsRegistry],
})
export class SettingsModule {}
