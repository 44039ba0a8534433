import { Global, Module } from '@nestjs/common';
import { coded } from './common/index.js';
import { ResourceGraph, type TaskDesk, TaskHookTable } from './tasks/index.js';
import { TASK_DESK } from './tokens.js';

/** What tasks lock and who runs around them. */
@Global()
@Module({
  providers: [
    { provide: ResourceGraph, useFactory: () => new ResourceGraph() },
    { provide: TaskHookTable, useFactory: () => new TaskHookTable() },
    {
      provide: TASK_DESK,
      useFactory: (): TaskDesk => ({
        submit: ({ name }) => Promise.reject(coded('TASK_UNKNOWN', { task: name })),
        resultOf: () => Promise.reject(coded('TASK_NOT_FOUND')),
      }),
    },
  ],
  exports: [ResourceGraph, TaskHookTable, TASK_DESK],
})
export class TasksModule {}
