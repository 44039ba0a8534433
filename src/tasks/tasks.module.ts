import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { CLUSTER_PORTS } from '../cluster/index.js';
import { SERVER_NAME } from '../common/index.js';
import { CONFIGURATION, type DispatcherConfiguration } from '../config/index.js';
import { DatastoreModule } from '../datastore/datastore.module.js';
import type { DocumentStore } from '../datastore/index.js';
import { EventsModule } from '../events/events.module.js';
import { EventRouter, EventTypeTable, systemClock } from '../events/index.js';
import { LogRoot } from '../logging/index.js';
import { SchemaRegistry } from '../schema/index.js';
import { SchemaModule } from '../schema/schema.module.js';
import { Datastore } from '../sdk/index.js';
import {
  DatastoreTaskStore,
  ExecutorPool,
  ResourceGraph,
  TaskHandlerTable,
  TaskHookTable,
  TaskMetrics,
  TaskReader,
  TaskSeat,
} from './index.js';
import type { LeaderAccess } from './cluster/cluster-tasks.js';
import { ServerEngineDependencies } from './engine/engine-dependencies.js';
import { LEADER_ACCESS, openAccess, SeatFactory, tellStoreFailure } from './seat-factory.js';
import { TasksLifecycle } from './tasks-lifecycle.js';
import { TASK_EVENT_TYPES } from '../wire/index.js';

/** What the processes run that tasks are isolated in. */
const WORKER = fileURLToPath(new URL('../task-worker/main.js', import.meta.url));

/** Tasks: what they lock, where their rows are, who runs them. */
@Module({
  imports: [AuthModule, DatastoreModule, EventsModule, SchemaModule],
  providers: [
    TasksLifecycle,
    TaskHandlerTable,
    TaskMetrics,
    {
      provide: LEADER_ACCESS,
      useFactory: openAccess,
      inject: [CLUSTER_PORTS],
    },
    {
      provide: ResourceGraph,
      useFactory: (access: LeaderAccess | null) => access?.resources ?? new ResourceGraph(),
      inject: [LEADER_ACCESS],
    },
    TaskHookTable,
    {
      provide: ExecutorPool,
      useFactory: (
        handlers: TaskHandlerTable,
        log: LogRoot,
        { dispatcher: { tasks } }: DispatcherConfiguration,
      ) => {
        const { min, max } = tasks.executors;
        const pool = new ExecutorPool({
          entry: WORKER,
          clock: systemClock,
          logger: log.create({ component: 'executors' }),
          abortGraceMs: tasks.abortGraceMs,
          ...(min !== null && { min }),
          ...(max !== null && { max }),
        });
        handlers.onReload((plugin) => pool.retire(plugin));
        return pool;
      },
      inject: [TaskHandlerTable, LogRoot, CONFIGURATION],
    },
    {
      provide: DatastoreTaskStore,
      useFactory: (store: DocumentStore, events: EventRouter, log: LogRoot) =>
        DatastoreTaskStore.open({
          store,
          clock: systemClock,
          logger: log.create({ component: 'tasks' }),
          onFailure: (failure) => tellStoreFailure(failure, events),
        }),
      inject: [Datastore, EventRouter, LogRoot],
    },
    ServerEngineDependencies,
    SeatFactory,
    {
      provide: TaskSeat,
      useFactory: (factory: SeatFactory) => factory.open(),
      inject: [SeatFactory],
    },
    {
      provide: TaskReader,
      useFactory: (tasks: TaskSeat, taskStore: DatastoreTaskStore) =>
        new TaskReader(tasks, taskStore),
      inject: [TaskSeat, DatastoreTaskStore],
    },
  ],
  exports: [
    ExecutorPool,
    ResourceGraph,
    TaskHandlerTable,
    TaskHookTable,
    TaskMetrics,
    TaskReader,
    TaskSeat,
    TasksLifecycle,
  ],
})
export class TasksModule {
  constructor(types: EventTypeTable, schemas: SchemaRegistry) {
    types.addCore(TASK_EVENT_TYPES, schemas, SERVER_NAME);
  }
}
