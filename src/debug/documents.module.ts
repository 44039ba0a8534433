import { Global, Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { OpenRpcDescriber } from '../rpc/index.js';
import { RpcModule } from '../rpc/rpc.module.js';
import { SchemaModule } from '../schema/schema.module.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { Documents } from './documents/documents.js';

/** The documents for tools: the debug-mode server serves them, and `rpc.discover` answers one. */
@Global()
@Module({
  imports: [EventsModule, RpcModule, SchemaModule, TasksModule],
  providers: [Documents, { provide: OpenRpcDescriber, useExisting: Documents }],
  exports: [Documents, OpenRpcDescriber],
})
export class DocumentsModule {}
