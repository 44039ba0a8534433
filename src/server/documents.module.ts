import { Module } from '@nestjs/common';
import type { OwnedTable } from '../common/index.js';
import { Documents } from '../debug/index.js';
import type { EventType } from '../events/index.js';
import { ServiceRegistry } from '../rpc/index.js';
import { SchemaRegistry } from '../schema/index.js';
import type { TaskHandler } from '../tasks/index.js';
import { EVENT_TYPES, HOST_PROCESS, type HostProcess, TASK_HANDLERS } from './tokens.js';

/** The documents for tools: the debug-mode server serves them, and `rpc.discover` answers one. */
@Module({
  providers: [
    {
      provide: Documents,
      useFactory: (
        services: ServiceRegistry,
        schemas: SchemaRegistry,
        tasks: OwnedTable<TaskHandler>,
        eventTypes: OwnedTable<EventType>,
        { version }: HostProcess,
      ) => new Documents({ version, services, schemas, tasks, eventTypes }),
      inject: [ServiceRegistry, SchemaRegistry, TASK_HANDLERS, EVENT_TYPES, HOST_PROCESS],
    },
  ],
  exports: [Documents],
})
export class DocumentsModule {}
