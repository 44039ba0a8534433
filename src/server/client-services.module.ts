import { Module } from '@nestjs/common';
import { DatastoreModule } from '../datastore/datastore.module.js';
import type { DocumentStore } from '../datastore/index.js';
import { EventsModule } from '../events/events.module.js';
import { EventRouter, EventTypeTable } from '../events/index.js';
import { LogRoot } from '../logging/index.js';
import { ServiceRegistry } from '../rpc/index.js';
import { RpcModule } from '../rpc/rpc.module.js';
import { SchemaRegistry } from '../schema/index.js';
import { SchemaModule } from '../schema/schema.module.js';
import { ConfigStore, Datastore } from '../sdk/index.js';
import {
  DataAnnouncer,
  DatastoreService,
  ExternalServices,
  LockMetrics,
  LockService,
  LogService,
  NamedLocks,
  PluginService,
  SchemaAnnouncer,
} from '../services/index.js';

/** What clients and plugins own while they are there: services of their own, and named locks; and the log. */
@Module({
  imports: [DatastoreModule, EventsModule, RpcModule, SchemaModule],
  providers: [
    {
      provide: ExternalServices,
      useFactory: (
        services: ServiceRegistry,
        schemas: SchemaRegistry,
        events: EventRouter,
        eventTypes: EventTypeTable,
      ) =>
        new ExternalServices({
          services,
          schemas,
          events,
          eventTypes,
          watch: (event, watcher) => events.interest.watch(event, watcher),
        }),
      inject: [ServiceRegistry, SchemaRegistry, EventRouter, EventTypeTable],
    },
    {
      provide: PluginService,
      useFactory: (external: ExternalServices, services: ServiceRegistry) =>
        new PluginService({ external, services }),
      inject: [ExternalServices, ServiceRegistry],
    },
    NamedLocks,
    LockMetrics,
    {
      provide: LockService,
      useFactory: (locks: NamedLocks) => new LockService(locks),
      inject: [NamedLocks],
    },
    {
      provide: LogService,
      useFactory: (log: LogRoot) => new LogService(log),
      inject: [LogRoot],
    },
    {
      provide: SchemaAnnouncer,
      useFactory: (schemas: SchemaRegistry, events: EventRouter) =>
        new SchemaAnnouncer(schemas, events),
      inject: [SchemaRegistry, EventRouter],
    },
    {
      provide: DatastoreService,
      useFactory: (store: Datastore) => new DatastoreService(store),
      inject: [Datastore],
    },
    {
      provide: DataAnnouncer,
      useFactory: (store: DocumentStore, configstore: ConfigStore, events: EventRouter) =>
        new DataAnnouncer({ store, configstore, events }),
      inject: [Datastore, ConfigStore, EventRouter],
    },
  ],
  exports: [
    PluginService,
    LockService,
    LockMetrics,
    LogService,
    SchemaAnnouncer,
    DatastoreService,
    DataAnnouncer,
  ],
})
export class ClientServicesModule {}
