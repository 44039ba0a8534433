import { Global, Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { ApiDescription } from '../rpc/index.js';
import { RpcModule } from '../rpc/rpc.module.js';
import { SchemaModule } from '../schema/schema.module.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { Documents } from './documents/documents.js';

/** The documents for tools: the debug-mode server serves them, and `rpc.discover` answers one. */
@Global()
@Module({
  imports: [EventsModule, RpcModule, SchemaModule, TasksModule],
  providers: [Documents, { provide: ApiDescription, useExisting: Documents }],
  exports: [Documents, ApiDescription],
})
export class DocumentsModule {}
