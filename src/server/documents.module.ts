import { Module } from '@nestjs/common';
import { Documents } from '../debug/index.js';
import { EventsModule } from '../events/events.module.js';
import { EventTypeTable } from '../events/index.js';
import { ServiceRegistry } from '../rpc/index.js';
import { RpcModule } from '../rpc/rpc.module.js';
import { SchemaRegistry } from '../schema/index.js';
import { SchemaModule } from '../schema/schema.module.js';
import { HOST_PROCESS, type HostProcess } from '../system/index.js';
import { TaskHandlerTable } from '../tasks/index.js';
import { TasksModule } from './tasks.module.js';

/** The documents for tools: the debug-mode server serves them, and `rpc.discover` answers one. */
@Module({
  imports: [EventsModule, RpcModule, SchemaModule, TasksModule],
  providers: [
    {
      provide: Documents,
      useFactory: (
        services: ServiceRegistry,
        schemas: SchemaRegistry,
        tasks: TaskHandlerTable,
        eventTypes: EventTypeTable,
        { version }: HostProcess,
      ) => new Documents({ version, services, schemas, tasks, eventTypes }),
      inject: [ServiceRegistry, SchemaRegistry, TaskHandlerTable, EventTypeTable, HOST_PROCESS],
    },
  ],
  exports: [Documents],
})
export class DocumentsModule {}
